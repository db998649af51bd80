/*
 * receipt.h - the receipt (受付票) of a notification: one page with the numbers that a clinic
 * quotes and hands on.
 */
#ifndef HERSYS_EXCHANGE_RECEIPT_H
#define HERSYS_EXCHANGE_RECEIPT_H

#include "base/buf.h"

/* Texts for people; none of them NULL. */
struct receipt {
    const char *number; /* 受付番号 */
    const char *patient_name, *hersys_id, *phone_id, *category;
    const char *submitted, *reported;
    const char *reporter, *received_by; /* 届出元, 届出先 */
    const char *printed;                /* when and by whom */
    const char *printed_iso;            /* ISO 8601 with time, for the file */
};

/* The whole PDF. */
struct buf receipt_write(struct arena *arena, const struct receipt *receipt);

#endif
