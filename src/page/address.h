/* address.h - the two fields of an address, postal code and one line: completed from the code, located in a municipality. */
#ifndef HERSYS_PAGE_ADDRESS_H
#define HERSYS_PAGE_ADDRESS_H

#include "page/simple_form.h"

/* The button of the postal code's field that asks for the address. */
#define ADDRESS_BUTTON "lookup"

/* True when that button was pressed: the form is shown again, nothing is checked or saved. */
bool address_was_asked(const struct context *c);

/* Puts the address of the postal code into an empty address; says at the postal code why it cannot. */
void address_complete(struct context *c, struct answer *postal, struct answer *address);

/* *code: the municipality of the address; "" with a problem at the address when it cannot be told. */
enum db_status address_locate(struct context *c, const struct answer *postal,
                              struct answer *address, const char **code);

#endif
