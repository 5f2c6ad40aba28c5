/* vectors/files.h - files and folders of vectors. */
#ifndef SEALPOST_VECTORS_FILES_H
#define SEALPOST_VECTORS_FILES_H

#include "vectors/run.h"

/* Runs a file, or every .json, .rsp, .fax and .txt file below a folder, in the order of their
 * names. What is wrong with a file is said in it (file_error); a file below a folder
 * that is of no known kind is only noted. */
void files_run(struct run *run, const char *path);

#endif
