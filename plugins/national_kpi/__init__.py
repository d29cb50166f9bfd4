"""National KPI reporting platform: all logic, callable without Airflow."""
