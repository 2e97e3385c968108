/**
 * The HTTP server that the dashboard and the gateway share: a thin layer over Javalin that listens
 * on loopback unless a secret protects it, checks where requests come from, limits what they may
 * bring, and streams server-sent events without a thread per client.
 */
package ai.falaj.jobs.web;
