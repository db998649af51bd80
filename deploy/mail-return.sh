#!/bin/sh
# mail-return.sh GATEWAY MARK <MAIL - hands a mail that came back to the application: the mail server runs it for each mail to the
# address of mail_returns, MARK being what stands behind the "+" (docs/operations.md, Mail and SMS).
#
# Ends with 0 when the mail is done with, and with 75 (EX_TEMPFAIL: keep it and try again) when nobody could take it.
set -u

gateway=$1; mark=$2
case $mark in '' | *[!0-9a-f-]*) exit 0 ;; esac # none of ours
# The report stands before the copy of our mail; the mail server must get rid of all of it.
status=$({ head -c 60000; cat >/dev/null; } |
  curl -s -m 30 -o /dev/null -w '%{http_code}' -H 'Content-Type: message/rfc822' --data-binary @- "$gateway/gateway/mail/returned/$mark")
case $status in 2?? | 403) exit 0 ;; *) exit 75 ;; esac
