/* rights.c - see rights.h. */
#include "dictionary/rights.h"

#define BIT(n) (1u << (n))

/* What opens a tab as a whole; the single items in it still follow their own class. */
static const unsigned tab_classes[TAB_COUNT] = {
    [TAB_basic] = BIT(CLASS_identity) | BIT(CLASS_contact),
    [TAB_notification] = BIT(CLASS_clinical),
    [TAB_record] = BIT(CLASS_status),
    [TAB_assignment] = BIT(CLASS_assignment),
    [TAB_confirmation] = BIT(CLASS_confirmation),
    [TAB_deletion] = BIT(CLASS_deletion),
    [TAB_restoration] = BIT(CLASS_restoration),
    [TAB_history] = BIT(CLASS_history),
    [TAB_viewers] = BIT(CLASS_viewers),
    [TAB_profile] = BIT(CLASS_profile),
    [TAB_laboratory] = BIT(CLASS_laboratory),
    [TAB_residence] = BIT(CLASS_residence),
    [TAB_care] = BIT(CLASS_care),
    [TAB_grade] = BIT(CLASS_grade),
    [TAB_activity] = BIT(CLASS_activity),
    [TAB_contact] = BIT(CLASS_contacts),
    [TAB_link] = BIT(CLASS_link),
    [TAB_release] = BIT(CLASS_release),
    [TAB_local] = BIT(CLASS_local),
    [TAB_local_shared] = BIT(CLASS_local_shared),
    [TAB_observation] = BIT(CLASS_observation),
    [TAB_opinion] = BIT(CLASS_opinion),
    [TAB_period] = BIT(CLASS_period),
    [TAB_notice] = BIT(CLASS_notice),
    [TAB_survey] = BIT(CLASS_observation),
    [TAB_papers] = BIT(CLASS_papers),
};

struct rights
rights_of(enum organisation_kind kind, unsigned relations)
{
    struct rights sum = {0, 0};

    for (int i = 0; i < RIGHT_COUNT; i++) {
        const struct right *right = &dictionary_rights[i];
        if (right->kind != kind || (relations & BIT(right->relation)) == 0)
            continue;
        sum.view |= right->view | right->edit;
        sum.edit |= right->edit;
    }
    return sum;
}

bool
rights_may_view(struct rights rights, enum item_class class)
{
    return (rights.view & BIT(class)) != 0;
}

bool
rights_may_edit(struct rights rights, enum item_class class)
{
    return (rights.edit & BIT(class)) != 0;
}

const char *
rights_because(enum organisation_kind kind, unsigned relations)
{
    for (int i = 0; i < RIGHT_COUNT; i++)
        if (dictionary_rights[i].kind == kind && (relations & BIT(dictionary_rights[i].relation)) != 0)
            return dictionary_rights[i].because;
    return "";
}

unsigned
rights_tab_mask(enum organisation_kind kind, enum tab tab, bool write)
{
    unsigned mask = 0;

    for (int i = 0; i < RIGHT_COUNT; i++) {
        const struct right *right = &dictionary_rights[i];
        unsigned classes = write ? right->edit : right->view | right->edit;
        if (right->kind == kind && (classes & tab_classes[tab]) != 0)
            mask |= BIT(right->relation);
    }
    return mask;
}

unsigned
rights_tab_classes(enum tab tab)
{
    return tab_classes[tab];
}
