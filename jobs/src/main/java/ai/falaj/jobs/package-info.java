/**
 * Assembly: the command line in {@code cli}, the local stack in {@code stack}, the jobs in packages
 * of their own. Nothing here computes; it configures and connects what the other modules hold.
 */
package ai.falaj.jobs;
