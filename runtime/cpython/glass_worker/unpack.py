# Makes modules of the worker's source.
import sys
class Source:
    def __init__(self, text):
        self.text = text
    def get_source(self, name):
        return self.text
def unpack(sources, settings):
    for (name, text), code in zip((('glass_worker', ''),) + sources, ('',) + compiled(sources, settings['code'])):
        module = sys.modules[name] = type(sys)(name)
        module.__loader__ = Source(text)
        exec(code, module.__dict__)
# What a worker has compiled it leaves in a file for the next one, as Python does with modules that it imports: that is a
# quarter of a start. The folder is the user's own.
def compiled(sources, folder):
    import marshal, os
    made = sys.version, sources
    path = folder and os.path.join(folder, sys.implementation.cache_tag + '-' + sources[-1][0] + '.code')
    try:
        with open(path, 'rb') as file:
            key, codes = marshal.load(file)
        if key == made:
            return codes
    except (OSError, EOFError, TypeError, ValueError):
        pass
    codes = tuple(compile(text, '<glass worker>/' + name.rpartition('.')[2] + '.py', 'exec') for name, text in sources)
    if folder:
        keep(path, marshal.dumps((made, codes)))
    return codes
def keep(path, data):
    import os
    draft = path + '.' + str(os.getpid())
    try:
        with open(draft, 'xb') as file:
            file.write(data)
        os.replace(draft, path)
    except OSError:
        try:
            os.unlink(draft)
        except OSError:
            pass
