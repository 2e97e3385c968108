package ai.falaj.jobs.web;

import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;

/** Headers of every answer: what browsers must not do with it. */
final class SecurityHeaders {

  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
              + " form-action 'self'; frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "X-Frame-Options",
          "DENY",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          // Data is as secret as the prompts are; files of the page say otherwise.
          "Cache-Control",
          "no-store");

  private SecurityHeaders() {}

  static void addTo(HttpServletResponse response) {
    HEADERS.forEach(response::setHeader);
  }
}
