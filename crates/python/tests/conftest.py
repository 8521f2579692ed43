"""Settings for all tests."""

import os

# Matrices are small here, and threads of BLAS get in each other's way where tests share processors.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
