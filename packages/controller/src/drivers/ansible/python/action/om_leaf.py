# Carries one command of the controller to a host over Ansible's connection and become, byte for byte.
#
# It asks at the gate (a socket of the controller, in OM_GATE) whether the host may begin: {"host": name}. The answer is
# {"command": text, "input": bytes} and so many bytes, or the gate is closed. It says what came of it:
# {"code": n, "out": bytes, "err": bytes}, the two outputs; {"cut": text} when the connection failed, {"barred": text}
# when the other account could not be entered.

from __future__ import annotations

import json
import os
import socket

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        with socket.socket(socket.AF_UNIX) as gate:
            gate.connect(os.environ['OM_GATE'])
            stream = gate.makefile('rwb')
            stream.write(json.dumps({'host': str(task_vars['inventory_hostname'])}).encode() + b'\n')
            stream.flush()
            line = stream.readline()
            if not line:
                return {'changed': False, 'skipped': True}
            order = json.loads(line)
            data = stream.read(order['input'])
            try:
                code, out, err = self._carry(order['command'], data)
                answer = {'code': code}
            except AnsibleConnectionFailure as error:
                out, err, answer = b'', b'', {'cut': str(error)}
            except (AnsibleError, OSError) as error:
                out, err, answer = b'', b'', {'barred': str(error)}
            stream.write(json.dumps({**answer, 'out': len(out), 'err': len(err)}).encode() + b'\n')
            stream.write(out)
            stream.write(err)
            stream.flush()
        return {'changed': False}

    def _carry(self, command, data):
        connection = self._connection
        become = connection.become
        if become is not None:
            command = become.build_become_command(command, connection._shell)
        code, out, err = connection.exec_command(command, in_data=data or None, sudoable=True)
        success = (getattr(become, 'success', None) or '').encode()
        # Not every connection takes away the words by which become knows that it was let in.
        if success and success in out:
            out = out[out.index(success) + len(success):].lstrip(b'\r')[1:]
        prompt = getattr(become, 'prompt', None)
        if isinstance(prompt, str) and prompt and err.startswith(prompt.encode()):
            err = err[len(prompt.encode()):]
        return code, out, err
