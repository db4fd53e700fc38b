"""`python -m argo_service.cli` is `argo`."""

import sys

from argo_service.cli.main import main

sys.exit(main())
