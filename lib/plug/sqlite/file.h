/* file.h - the file under a SQLite storage: its name, its owner's lock, and a first look.
 * SPDX-License-Identifier: MIT */
#ifndef USH_SQLITE_FILE_H
#define USH_SQLITE_FILE_H

#include "db.h"

#define USH_SQLITE_APPLICATION 0x75736872 /* "ushr", in the file's header */

/* Find the absolute path, so that neither chdir nor a link leads to a second owner. EIO. */
int ush_file_resolve(struct ush_sqlite *s, struct usher_fault *why);
/* Read the header and nothing else, without a lock. 0 if the file is absent,
 * empty, or ours; ECORRUPT if it is foreign or newer than `version`; EIO. */
int ush_file_look(const char *path, int version, struct usher_fault *why);
/* Lock PATH.lock until ush_file_unlock or the process ends. EFENCED if somebody else has. */
int ush_file_lock(struct ush_sqlite *s, struct usher_fault *why);
void ush_file_unlock(struct ush_sqlite *s);
/* Make the file if there is none, for its owner's eyes only. EIO. */
int ush_file_make(const char *path, struct usher_fault *why);
/* Make the names of files in the folder of path durable. EIO. */
int ush_file_sync_folder(const char *path, struct usher_fault *why);

#endif
