select * from {{ lake("F02", new_submissions()) }}
