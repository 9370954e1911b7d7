# Makes modules of the worker's source.
import sys
class Source:
    def __init__(self, text):
        self.text = text
    def get_source(self, name):
        return self.text
def unpack(sources):
    for name, text in (('glass_worker', ''),) + sources:
        module = sys.modules[name] = type(sys)(name)
        module.__loader__ = Source(text)
        exec(compile(text, '<glass worker>/' + name.rpartition('.')[2] + '.py', 'exec'), module.__dict__)
