/** Records of users' topics and files: read, shown to templates, and written with fields more. */
package ai.falaj.jobs.enrich.rows;
