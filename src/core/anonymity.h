/*
 * anonymity.h - k-匿名性: into which groups the rows of a table fall by what somebody outside may know of a person
 * (準識別子, quasi-identifiers), and how small the groups are. Knows only codes: what they stand for is the caller's.
 *
 * Source: P. Samarati and L. Sweeney, Protecting Privacy when Disclosing Information: k-Anonymity and Its Enforcement through
 * Generalization and Suppression, 1998.
 */
#ifndef HERSYS_CORE_ANONYMITY_H
#define HERSYS_CORE_ANONYMITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct anonymity {
    size_t groups;   /* of rows alike in every column */
    size_t smallest; /* rows in the smallest of them; 0 without rows */
    size_t below;    /* rows in groups of fewer than k */
};

/*
 * Counts the groups of `rows` rows by the columns cells[0] to cells[columns - 1], each a code for every row; without a column all
 * rows are one group. Sets small[row] for the rows in groups of fewer than k, unless `small` is NULL. The time grows with
 * rows * columns; rows at most 2^30.
 */
struct anonymity anonymity_count(struct arena *arena, size_t rows, size_t columns, const uint32_t *const cells[], size_t k, bool small[]);

#endif
