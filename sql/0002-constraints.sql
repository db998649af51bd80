-- Foreign keys: only to reference tables, or within a patient (R4).

ALTER TABLE app.municipality
    ADD FOREIGN KEY (prefecture_code) REFERENCES app.prefecture,
    ADD FOREIGN KEY (parent_code) REFERENCES app.municipality DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE app.organisation
    ADD FOREIGN KEY (parent_id) REFERENCES app.organisation,
    ADD FOREIGN KEY (prefecture_code) REFERENCES app.prefecture,
    ADD FOREIGN KEY (municipality_code) REFERENCES app.municipality;
ALTER TABLE app.organisation_above
    ADD FOREIGN KEY (organisation_id) REFERENCES app.organisation,
    ADD FOREIGN KEY (above_id) REFERENCES app.organisation;
ALTER TABLE app.jurisdiction ADD FOREIGN KEY (centre_id) REFERENCES app.organisation;
ALTER TABLE app.account ADD FOREIGN KEY (organisation_id) REFERENCES app.organisation;
ALTER TABLE app.account_phone ADD FOREIGN KEY (account_id) REFERENCES app.account;
ALTER TABLE app.account_totp ADD FOREIGN KEY (account_id) REFERENCES app.account;
ALTER TABLE app.account_passkey ADD FOREIGN KEY (account_id) REFERENCES app.account;
ALTER TABLE app.recovery_code ADD FOREIGN KEY (account_id) REFERENCES app.account;
ALTER TABLE app.account_letter ADD FOREIGN KEY (account_id) REFERENCES app.account;
ALTER TABLE app.notification ADD FOREIGN KEY (patient_id) REFERENCES app.patient;
ALTER TABLE app.test_record ADD FOREIGN KEY (patient_id, notification_no) REFERENCES app.notification;
ALTER TABLE app.notification_person ADD FOREIGN KEY (patient_id, notification_no) REFERENCES app.notification;
ALTER TABLE app.entry ADD FOREIGN KEY (patient_id) REFERENCES app.patient;
ALTER TABLE app.submission ADD FOREIGN KEY (patient_id) REFERENCES app.patient;
ALTER TABLE app.patient_status ADD FOREIGN KEY (patient_id) REFERENCES app.patient;
ALTER TABLE app.patient_related ADD FOREIGN KEY (patient_id) REFERENCES app.patient;
ALTER TABLE app.patient_grant ADD FOREIGN KEY (patient_id) REFERENCES app.patient;
ALTER TABLE app.revision ADD FOREIGN KEY (patient_id) REFERENCES app.patient;
