package ai.falaj.jobs.web;

import io.javalin.http.Context;

/** Decides who may call. Asked before every handler, after the checks of host and origin. */
@FunctionalInterface
public interface Access {

  /** Everybody who can connect. */
  Access OPEN = (request, context) -> {};

  /**
   * Returns where the caller may go on.
   *
   * @param context for cookies and for attributes that handlers read, such as who called
   * @throws WebException where it may not
   */
  void check(RequestHead request, Context context);
}
