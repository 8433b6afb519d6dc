drop table customer_data_request;
