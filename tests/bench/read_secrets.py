"""Reads every PPP secret with librouteros, as somebody would who writes a script: seconds and count, on one line."""
import os
import sys
import time

from librouteros import connect

api = connect(host="127.0.0.1", port=int(sys.argv[1]), username="admin", password=os.environ["ROUTER_PASSWORD"], timeout=600)
began = time.monotonic()
count = sum(1 for _ in api("/ppp/secret/print"))
print(time.monotonic() - began, count)
