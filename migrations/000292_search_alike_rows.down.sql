update listing
set alike = ''
where alike <> '';
