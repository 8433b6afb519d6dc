alter table shop drop column email_verification_template;
alter table shop drop column password_reset_template;
