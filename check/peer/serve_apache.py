"""Apache with mod_wsgi in daemon mode, and no log of requests: serve_apache.py PORT MODULE WORKERS THREADS

Apache refuses to serve as root: then its children are www-data.
"""

import glob
import os
import sys
import tempfile

port, module, workers, threads = sys.argv[1:]
here = os.path.dirname(os.path.abspath(__file__))
folder = tempfile.mkdtemp(prefix="apache-", dir=here)
os.chmod(folder, 0o755)
modules = "/usr/lib/apache2/modules"
wsgi = sorted(glob.glob(f"{modules}/mod_wsgi.so*"))[-1]
user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
with open(f"{folder}/httpd.conf", "w") as file:
    file.write(f"""
ServerRoot {folder}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
DefaultRuntimeDir {folder}
Mutex posixsem
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule wsgi_module {wsgi}
{user}
MaxKeepAliveRequests 0
WSGISocketPrefix {folder}/wsgi
WSGIDaemonProcess app processes={workers} threads={threads} python-path={here}
WSGIProcessGroup app
WSGIApplicationGroup %{{GLOBAL}}
WSGIScriptAlias / {here}/{module}.py
<Directory {here}>
Require all granted
</Directory>
""")
os.execv("/usr/sbin/apache2", ["/usr/sbin/apache2", "-f", f"{folder}/httpd.conf", "-D", "FOREGROUND"])
