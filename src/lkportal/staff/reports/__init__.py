"""Reports: measures of modules counted by a job into one small table, and pages and files made of it."""
