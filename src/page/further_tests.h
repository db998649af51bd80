/*
 * further_tests.h - several tests (検査) of one patient at a time: a new one has the whole form, and below it a table takes what
 * differs of three more. Each becomes an entry of its own; what tests of one day share is that of the first.
 */
#ifndef HERSYS_PAGE_FURTHER_TESTS_H
#define HERSYS_PAGE_FURTHER_TESTS_H

#include "core/entries.h"
#include "page/page.h"

enum { FURTHER_TESTS = 3 };

struct further_tests {
    size_t count; /* rows in which something was typed */
    struct further_test {
        bool given;
        struct tab_entry entry;
        struct problems problems;
        const char *message; /* about the whole row; NULL: nothing */
    } rows[FURTHER_TESTS];
};

/* Whether the form of entry `no` (0: a new one) of a tab takes further ones. */
bool further_tests_asked(const struct record_tab *tab, int no);

/* Reads the posted table; `first` is the test of the form above it. True when nothing stands against saving. */
bool further_tests_read(struct context *c, const struct record_tab *tab, const struct document *first,
                        struct further_tests *further);

/* Saves the first and those given, all in one transaction or none. */
enum notify_result further_tests_save(const struct desk *desk, const struct record *record,
                                      const struct record_tab *tab, const struct tab_entry *first,
                                      const struct further_tests *further);

/* The table (templates/further_tests.html); NULL: there is none. */
void further_tests_fill(struct context *c, struct view *view, const struct further_tests *further);

#endif
