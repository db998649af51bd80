-- role: public

-- name: my_account_salt
-- hash of the address
SELECT app.my_account_salt($1) AS salt;

-- name: my_account_ask
-- hash of the session's token, hash of the address, salt, hash of the password, hash of the attempt's token, hash of the code, address, code
SELECT app.my_account_ask($1, $2, $3, $4, $5, $6, $7, $8) AS result;

-- name: my_account_enter
-- hash of the address, hash of the password, of the browser, of the session's token, of the attempt's token, of the code, address, code
SELECT app.my_account_enter($1, $2, $3, $4, $5, $6, $7, $8) AS result;

-- name: my_code_take
-- hash of the attempt's token, of the code, of the session's token, of the browser
SELECT app.my_code_take($1, $2, $3, $4) AS result;

-- name: my_account_end
-- hash of the session's token
SELECT app.my_account_end($1);
