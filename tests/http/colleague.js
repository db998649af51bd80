// colleague.js - a second account in the office of a demonstration account, for what one person alone may not do.
import { sql } from "./database.js";

// Makes it, once; the password is that of the other.
export function colleague(login, of, phone) {
  sql(`INSERT INTO app.account (login, organisation_id, holder, personal, role, password_hash, password_initial, terms_version, terms_agreed_at)
       SELECT '${login}', organisation_id, '${login}', true, 'staff', password_hash, false, terms_version, terms_agreed_at FROM app.account WHERE login = '${of}'
       ON CONFLICT (login) DO NOTHING;
       INSERT INTO app.account_phone (account_id, phone, verified_at) SELECT account_id, '${phone}', now() FROM app.account WHERE login = '${login}' ON CONFLICT DO NOTHING`);
  return login;
}
