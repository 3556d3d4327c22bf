# Unpacks a project into a folder that nothing of it leaves: unpack.py ARCHIVE FOLDER. One line on standard error: why not.

import os
import shutil
import sys
import tarfile

MAX_BYTES = 1 << 30
MAX_ENTRIES = 100_000


class Refused(Exception):
    pass


def inner(name):
    path = os.path.normpath(name)
    if name.startswith('/') or path == '..' or path.startswith('../') or '\0' in name:
        raise Refused('"%s" lies outside of the project' % name)
    return path


def unpack(archive, folder):
    links, total = [], 0
    with tarfile.open(archive, 'r:*') as tar:
        for count, entry in enumerate(tar):
            total += entry.size
            if count >= MAX_ENTRIES or total > MAX_BYTES:
                raise Refused('the project is larger than %d MiB or has more than %d files' % (MAX_BYTES >> 20, MAX_ENTRIES))
            target = os.path.join(folder, inner(entry.name))
            # Links come last: until then no path can lead anywhere else.
            if entry.issym():
                if os.path.isabs(entry.linkname):
                    raise Refused('the link "%s" leads out of the project' % entry.name)
                links.append((entry, target))
            elif entry.isdir():
                os.makedirs(target, mode=0o700, exist_ok=True)
            elif entry.isreg():
                os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
                with tar.extractfile(entry) as source, open(target, 'wb') as file:
                    shutil.copyfileobj(source, file)
                os.chmod(target, 0o700 if entry.mode & 0o100 else 0o600)
            else:
                raise Refused('"%s" is neither a file, a folder nor a link within the project' % entry.name)
    for entry, target in links:
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        os.symlink(entry.linkname, target)
        # Each as it is made, so that none is made through one that leads out.
        for _, made in links:
            if os.path.islink(made) and not within(made, folder):
                raise Refused('the link "%s" leads out of the project' % os.path.relpath(made, folder))


def within(path, folder):
    return (os.path.realpath(path) + '/').startswith(os.path.realpath(folder) + '/')


try:
    unpack(sys.argv[1], sys.argv[2])
except Refused as error:
    sys.exit(str(error))
except (OSError, tarfile.TarError, EOFError) as error:
    sys.exit('the archive of the project cannot be unpacked: %s' % error)
