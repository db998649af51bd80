#!/bin/sh
# speak.sh - Japanese words on standard input, a WAV of telephone quality (8 kHz, one channel, 16 bits) on standard output; for hersys-voice.
#
# With the voice of open_jtalk (Debian's contrib: hts-voice-nitech-jp-atr503-m001, CC-BY 3.0) it sounds like a person; without it espeak-ng
# reads what mecab says is pronounced: flat, but understood, and all of it is in Debian's main. Nothing is written to a disk.
set -eu

voice=/usr/share/hts-voice/nitech-jp-atr503-m001/nitech_jp_atr503_m001.htsvoice
jtalk=/var/lib/mecab/dic/open-jtalk/naist-jdic
reading=/var/lib/mecab/dic/ipadic-utf8

speak() {
  if [ -r "$voice" ] && [ -d "$jtalk" ]; then
    open_jtalk -x "$jtalk" -m "$voice" -r 0.9 -ow /dev/stdout
  else
    mecab -d "$reading" -F '%f[8]' -U '%m' -E '\n' | espeak-ng -v ja -s 130 --stdin --stdout
  fi
}

# What these programs complain about may hold the words.
speak 2>/dev/null | sox -t wav - -t wav -r 8000 -c 1 -b 16 - gain -n -3 2>/dev/null
