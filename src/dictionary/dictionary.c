/* dictionary.c - look-ups in the tables of dictionary_table.c. */
#include "dictionary/dictionary.h"

#include <stddef.h>
#include <string.h>

int
dictionary_item(const char *name)
{
    for (int i = 0; i < ITEM_COUNT; i++)
        if (strcmp(dictionary_items[i].name, name) == 0)
            return i;
    return -1;
}

const struct choice *
dictionary_choice(int list, const char *code)
{
    const struct choice_list *l = &dictionary_lists[list];

    for (int i = 0; code != NULL && i < l->count; i++)
        if (strcmp(l->choices[i].code, code) == 0)
            return &l->choices[i];
    return NULL;
}

const char *
dictionary_label(int list, const char *code)
{
    const struct choice *choice = dictionary_choice(list, code);

    return choice != NULL ? choice->label : code != NULL ? code : "";
}

int
dictionary_form(const char *version)
{
    for (int i = 0; i < FORM_COUNT; i++)
        if (version != NULL && strcmp(dictionary_forms[i].version, version) == 0)
            return i;
    return -1;
}

static const char *const tab_names[TAB_COUNT] = {
    [TAB_basic] = "basic",
    [TAB_notification] = "notification",
    [TAB_record] = "record",
    [TAB_assignment] = "assignment",
    [TAB_confirmation] = "confirmation",
    [TAB_deletion] = "deletion",
    [TAB_restoration] = "restoration",
    [TAB_history] = "history",
    [TAB_viewers] = "viewers",
    [TAB_profile] = "profile",
    [TAB_laboratory] = "laboratory",
    [TAB_residence] = "residence",
    [TAB_care] = "care",
    [TAB_grade] = "grade",
    [TAB_activity] = "activity",
    [TAB_contact] = "contact",
    [TAB_link] = "link",
    [TAB_release] = "release",
    [TAB_local] = "local",
    [TAB_local_shared] = "local_shared",
    [TAB_observation] = "observation",
    [TAB_opinion] = "opinion",
    [TAB_period] = "period",
    [TAB_notice] = "notice",
    [TAB_survey] = "survey",
    [TAB_papers] = "papers",
};

static const char *const class_names[CLASS_COUNT] = {
    [CLASS_identity] = "identity",         [CLASS_contact] = "contact",
    [CLASS_clinical] = "clinical",         [CLASS_route] = "route",
    [CLASS_travel] = "travel",             [CLASS_status] = "status",
    [CLASS_confirmation] = "confirmation", [CLASS_deletion] = "deletion",
    [CLASS_restoration] = "restoration",   [CLASS_assignment] = "assignment",
    [CLASS_history] = "history",           [CLASS_viewers] = "viewers",
    [CLASS_profile] = "profile",
    [CLASS_laboratory] = "laboratory",
    [CLASS_residence] = "residence",
    [CLASS_care] = "care",
    [CLASS_grade] = "grade",
    [CLASS_activity] = "activity",
    [CLASS_contacts] = "contacts",
    [CLASS_link] = "link",
    [CLASS_release] = "release",           [CLASS_papers] = "papers",
    [CLASS_local] = "local",               [CLASS_local_shared] = "local_shared",
    [CLASS_observation] = "observation",   [CLASS_opinion] = "opinion",
    [CLASS_period] = "period",             [CLASS_notice] = "notice",
};

static const struct {
    const char *name, *label;
} kinds[KIND_COUNT] = {
    [KIND_ministry] = {"ministry", "国"},
    [KIND_prefecture] = {"prefecture", "都道府県"},
    [KIND_city] = {"city", "保健所設置市の本庁"},
    [KIND_centre] = {"centre", "保健所"},
    [KIND_clinic] = {"clinic", "医療機関"},
    [KIND_followup] = {"followup", "健康フォローアップ機関"},
    [KIND_accommodation] = {"accommodation", "宿泊療養施設"},
}, relations[RELATION_COUNT] = {
    [RELATION_reporter] = {"reporter", "届出元"},
    [RELATION_responsible] = {"responsible", "担当保健所"},
    [RELATION_related] = {"related", "関係保健所"},
    [RELATION_head_office] = {"head_office", "本庁"},
    [RELATION_prefecture] = {"prefecture", "都道府県"},
    [RELATION_nation] = {"nation", "国"},
    [RELATION_admitting] = {"admitting", "入院医療機関"},
    [RELATION_followup] = {"followup", "健康フォローアップ機関"},
    [RELATION_accommodation] = {"accommodation", "宿泊療養施設"},
    [RELATION_emergency] = {"emergency", "緊急閲覧"},
};

const char *
dictionary_tab_name(enum tab tab)
{
    return tab_names[tab];
}

const struct record_tab *
dictionary_record_tab(const char *name)
{
    for (int i = 0; i < RECORD_TAB_COUNT; i++)
        if (strcmp(tab_names[dictionary_tabs[i].tab], name) == 0)
            return &dictionary_tabs[i];
    return NULL;
}

const char *
dictionary_class_name(enum item_class class)
{
    return class_names[class];
}

const char *
dictionary_kind_name(enum organisation_kind kind)
{
    return kinds[kind].name;
}

const char *
dictionary_kind_label(enum organisation_kind kind)
{
    return kinds[kind].label;
}

const char *
dictionary_relation_name(enum relation relation)
{
    return relations[relation].name;
}

const char *
dictionary_relation_label(enum relation relation)
{
    return relations[relation].label;
}

int
dictionary_kind(const char *name)
{
    for (int i = 0; i < KIND_COUNT; i++)
        if (name != NULL && strcmp(kinds[i].name, name) == 0)
            return i;
    return -1;
}
