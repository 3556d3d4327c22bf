# Tells the controller what happens in a play: one JSON object a line on a descriptor of its own.
#
# Only v2 methods: the others go in ansible-core 2.23. Results have other names since 2.19. It never raises: a reader
# that has gone away does not disturb the play.

from __future__ import annotations

DOCUMENTATION = '''
    name: om_events
    type: notification
    short_description: what happens in a play, as lines of JSON
    description: [Live events for the controller of OMServer.]
    requirements: [enabled by ANSIBLE_CALLBACKS_ENABLED]
'''

import json
import os
import time

from ansible.plugins.callback import CallbackBase
from ansible.release import __version__

# Of one text: half of it the beginning, half of it the end.
KEPT_BYTES = 65536
ITEM_CHARACTERS = 200


def cut(text):
    """The text as far as it is kept, and how many bytes of it are not."""
    raw = text.encode('utf-8', 'replace')
    if len(raw) <= KEPT_BYTES:
        return raw.decode('utf-8', 'replace'), 0
    half = KEPT_BYTES // 2
    head, tail = raw[:half].decode('utf-8', 'ignore'), raw[-half:].decode('utf-8', 'ignore')
    missed = len(raw) - KEPT_BYTES
    return '%s\n[... %d bytes ...]\n%s' % (head, missed, tail), missed


def plain(value):
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def part(result, name):
    return getattr(result, name) if hasattr(type(result), name) else getattr(result, '_' + name)


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'notification'
    CALLBACK_NAME = 'om_events'
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._began = {}
        self._with_items = set()
        try:
            self._out = os.fdopen(os.dup(int(os.environ['OM_EVENTS_FD'])), 'wb', buffering=0)
        except (KeyError, ValueError, OSError):
            self.disabled = True

    def _put(self, event, **fields):
        line = {'event': event, **{name: value for name, value in fields.items() if value is not None}}
        try:
            data = json.dumps(line, default=str).encode() + b'\n'
            while data:
                data = data[self._out.write(data):]
        except (OSError, ValueError):
            self.disabled = True

    def _result(self, state, result, item=False, **more):
        host, task, values = part(result, 'host'), part(result, 'task'), part(result, 'result')
        key = (host.get_name(), task._uuid)
        if item:
            self._with_items.add(key)
        elif key in self._with_items and state != 'unreachable':
            # Its items have told it all, but for the end.
            more['summary'] = True
        fields = {
            'host': host.get_name(),
            'task': task.get_name().strip(),
            'id': task._uuid,
            'changed': bool(values.get('changed')),
            **more,
        }
        hidden = getattr(task, 'no_log', None) is True or values.get('_ansible_no_log') is True or 'censored' in values
        if hidden:
            fields['hidden'] = True
        else:
            self._texts(fields, values, item)
        code = values.get('rc')
        if isinstance(code, int):
            fields['exit'] = int(code)
        if not item and key in self._began:
            fields['ms'] = int((time.monotonic() - self._began.pop(key)) * 1000)
        self._put('result', state=state, **fields)

    def _texts(self, fields, values, item):
        missed = 0
        message = values.get('msg')
        if values.get('module_stdout') or values.get('module_stderr'):
            message = '%s: %s' % (plain(message), plain(values.get('module_stderr') or values.get('module_stdout')))
        elif message in (None, '') and 'reason' in values:
            message = values['reason']
        texts = {'out': values.get('stdout'), 'err': values.get('stderr'), 'message': message}
        if values.get('diff') and values['diff'] != [{}]:
            texts['diff'] = self._get_diff(values['diff'])
        for name, text in texts.items():
            if text not in (None, ''):
                fields[name], more = cut(plain(text))
                missed += more
        if missed:
            fields['missed'] = missed
        if item:
            label = values.get('_ansible_item_label', values.get(values.get('ansible_loop_var') or 'item'))
            fields['item'] = plain(label)[:ITEM_CHARACTERS]

    def v2_playbook_on_start(self, playbook):
        self._put('start', version=str(__version__))

    def v2_playbook_on_vars_prompt(self, varname, *args, **kwargs):
        self._put('prompt', name=str(varname))
        # The controller ends the play: until then nothing of it must act.
        time.sleep(30)

    def v2_playbook_on_play_start(self, play):
        self._put('play', name=play.get_name().strip())

    def v2_playbook_on_no_hosts_matched(self):
        self._put('noHosts')

    def v2_runner_on_start(self, host, task):
        self._began[(host.get_name(), task._uuid)] = time.monotonic()
        self._put('begin', host=host.get_name(), task=task.get_name().strip(), id=task._uuid)

    def v2_runner_on_ok(self, result):
        self._result('ok', result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._result('failed', result, ignored=True if ignore_errors else None)

    def v2_runner_on_unreachable(self, result):
        self._result('unreachable', result)

    def v2_runner_on_skipped(self, result):
        self._result('skipped', result)

    def v2_runner_item_on_ok(self, result):
        self._result('ok', result, item=True)

    def v2_runner_item_on_failed(self, result):
        self._result('failed', result, item=True)

    def v2_runner_item_on_skipped(self, result):
        self._result('skipped', result, item=True)

    def v2_playbook_on_stats(self, stats):
        self._put('stats', hosts={name: stats.summarize(name) for name in sorted(stats.processed)})
