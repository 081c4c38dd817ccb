#include "CMaskKernels.h"
