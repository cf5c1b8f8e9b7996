-- Its rows stand in the audit journal now.
DROP TABLE access_log;
DELETE FROM counter WHERE name = 'access';
