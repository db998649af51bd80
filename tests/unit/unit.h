/* unit.h - what every unit test includes: cmocka in the order that it wants, and an arena for each test. */
#ifndef HERSYS_TESTS_UNIT_H
#define HERSYS_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"

static inline int
with_arena(void **state)
{
    *state = arena_new();
    return 0;
}

static inline int
without_arena(void **state)
{
    arena_free(*state);
    return 0;
}

#define UNIT(test) cmocka_unit_test_setup_teardown(test, with_arena, without_arena)

#endif
