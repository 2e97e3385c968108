package ai.falaj.jobs.bench.sql;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Texts of random common words, each of which is one token of most vocabularies. The same seed
 * gives the same batches in the same order. Confined to one thread.
 */
final class RecordTexts {

  private static final List<String> WORDS =
      List.of(
          """
          able about above across after again against air all also animal another answer any area
          around ask away back ball bank base bed before began behind best better between big bird
          black blue board boat body book both bottom box bring brought building business buy call
          came car care carry center change check child city class clear close cold color come
          common complete contain control copy corner cost could country course cover cross current
          cut dark day deep different direct distance door down draw drive dry during each early
          earth east easy edge end energy engine enough even ever every example eye face fact family
          far farm fast father field figure fill final find fine fire first fish five floor follow
          food foot force form found four free friend front full game garden general give glass gold
          good government great green ground group grow half hand happen hard head hear heart heat
          heavy help high history hold home horse hot hour house human hundred idea inch include
          island job join keep kind king know land language large last late laugh law lead learn
          leave left less letter level life light like line list little live long look low machine
          main make many map mark market material matter mean measure metal middle might mile milk
          mind minute money month moon more morning most mother mountain move much music name nation
          near need never new next night north note nothing notice number object ocean often oil old
          once only open order other paper part party pass past pattern people person picture piece
          place plain plan plane plant play point poor position possible power present press problem
          process produce product provide public pull put quick rain reach read ready real reason
          record red region remember report rest result rich right river road rock room round rule
          run safe sail same sand school science sea season second see seem send sentence serve set
          seven several shape ship short should show side simple since sing size skin sleep slow
          small snow social soft soil some song soon sound south space speak special speed spring
          square stand star start state station stay steel step still stone stood stop store story
          street strong study such sun support sure surface system table take talk teach team tell
          test thing think thought thousand three time together top toward town trade train travel
          tree trip true turn under unit until use usual valley value very view village voice walk
          wall want war warm watch water way week weight well west wheel while white whole why wide
          wind winter wish within without wood word work world write year yellow young"""
              .split("\\s+"));

  private final Random random;

  RecordTexts(long seed) {
    this.random = new Random(seed);
  }

  /** Records under an instruction of their own. */
  RecordBatch batch(int records, int instructionWords, int recordWords) {
    String instruction = words(instructionWords);
    return new RecordBatch(
        instruction, IntStream.range(0, records).mapToObj(index -> words(recordWords)).toList());
  }

  private String words(int count) {
    return IntStream.range(0, count)
        .mapToObj(index -> WORDS.get(random.nextInt(WORDS.size())))
        .collect(Collectors.joining(" "));
  }
}
