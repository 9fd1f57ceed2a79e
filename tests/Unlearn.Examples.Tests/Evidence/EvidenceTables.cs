using System.Globalization;
using System.Text.Json;

namespace Unlearn.Examples.Tests.Evidence;

/// <summary>Markdown tables of the summaries that studies write.</summary>
internal static class EvidenceTables
{
    private const string Dash = "–";

    public static string Overview(IReadOnlyList<(string Name, JsonElement Summary)> studies) => Markdown(
        [
            "study", "unlearner", "undone", "AUC, T0–T2", "lower end above 0.82", "ceiling [95 %]", "share of its excess", "loss alone",
            "class alone", "core four", "trained on the others", "doing nothing",
        ],
        from study in studies
        from unlearner in List(study.Summary, "unlearners")
        let low = Math.Min(Number(unlearner, "aucLow"), Number(unlearner.GetProperty("bootstrapAuc"), "low"))
        select (string[])
        [
            study.Name, Text(unlearner, "name"), Format(Number(unlearner, "undoneShare"), "0 %"), Format(Number(unlearner, "auc")),
            Mark(low > 0.82, low), Ceiling(unlearner), Share(unlearner),
            Format(Number(unlearner, "lossAuc")), Format(Number(unlearner, "classAuc")),
            Format(Subset(unlearner, "Core")), LeftOut(study.Summary, unlearner), Nothing(unlearner),
        ]);

    public static string SingleFactors(IReadOnlyList<JsonElement> studies) => Markdown(
        ["factor", "mean AUC alone", "lowest", "pairs"],
        from study in studies
        from unlearner in List(study, "unlearners")
        from factor in List(unlearner, "singleFactors")
        group Number(factor, "auc") by Text(factor, "factor") into factor
        orderby factor.Average() descending
        select (string[])[$"`{factor.Key}`", Format(factor.Average()), Format(factor.Min()), factor.Count().ToString(CultureInfo.InvariantCulture)]);

    public static string SingleRows(IReadOnlyList<(string Name, JsonElement Summary)> studies) => Markdown(
        [
            "study", "unlearner", "rows", "rank correlation", "without noise", "halves agree, groups", "halves agree, single rows",
            "AUC, single rows", "their ceiling", "AUC, groups",
        ],
        from study in studies
        from single in List(study.Summary, "singleRows")
        select (string[])
        [
            study.Name, Text(single, "unlearner"), $"{single.GetProperty("rows")}", Format(Number(single, "spearman"), "0.00"),
            Format(Number(single, "spearmanWithoutNoise"), "0.00"),
            Format(Number(single, "groupReliability"), "0.00"),
            Format(Number(single, "singleRowReliability"), "0.00"), Interval(single.GetProperty("auc")), Format(Number(single, "ceiling")),
            Interval(single.GetProperty("groupAuc")),
        ]);

    public static string Study(JsonElement study)
    {
        var unlearners = List(study, "unlearners");
        var target = study.GetProperty("target");
        string[] names = [.. unlearners.Select(unlearner => Text(unlearner, "name"))];
        var seconds = study.GetProperty("seconds");
        var cpu = unlearners.Sum(unlearner => Number(unlearner, "cpuSecondsPerTrial") * Number(unlearner, "trials")) / 60;
        List<string> parts =
        [
            $"{Rows(target, "rows")} rows, all audited; target's accuracy {Format(Number(target, "trainAccuracy"))} on them, "
            + $"{Format(Number(target, "testAccuracy"))} on {Rows(target, "testRows")} test rows; "
                + $"seed {study.GetProperty("seed")}; {Format(Number(seconds, "total") / 60, "0.0")} minutes with {study.GetProperty("workers")} workers; "
                + $"trials took {Format(cpu, "0.0")} minutes of processor time.\n",
            Markdown(
                [
                    "unlearner", "trials", "AUC, T0–T2 [95 %]", "by groups", "ceiling [95 %]", "share of its excess", "core four", "T0", "T0–T1",
                    "loss alone", "best single factor", "within confidence bands",
                ],
                from unlearner in unlearners
                let best = unlearner.GetProperty("bestSingle")
                select (string[])
                [
                    Text(unlearner, "name"), $"{unlearner.GetProperty("trials")}",
                    $"{Format(Number(unlearner, "auc"))} [{Format(Number(unlearner, "aucLow"))}, {Format(Number(unlearner, "aucHigh"))}]",
                    Interval(unlearner.GetProperty("bootstrapAuc"))[6..], Ceiling(unlearner), Share(unlearner), Format(Subset(unlearner, "Core")),
                    Format(Subset(unlearner, "Tier", "T0")),
                    Format(Subset(unlearner, "Tier", "T0–T1")), Format(Number(unlearner, "lossAuc")),
                    $"{Text(best, "factor")} {Format(Number(best, "auc"))}", Format(Number(unlearner, "aucWithinConfidenceBands")),
                ]),
        ];
        if (unlearners.Exists(IsApproximate))
        {
            parts.Add("What was undone of the needed displacement, and what it cost:\n");
            parts.Add(Markdown(
                [
                    "unlearner", "undone, all rows", "undone, hard rows", "retained accuracy", "test accuracy", "gap to retraining",
                    "retraining's own gap", "rows above noise", "Spearman with doing nothing", "with itself",
                ],
                from unlearner in unlearners.Where(IsApproximate)
                let nothing = unlearner.GetProperty("nothing")
                select (string[])
                [
                    Text(unlearner, "name"), Format(Number(unlearner, "undoneShare"), "0 %"),
                    Format(Number(unlearner, "undoneShareOfHardRows"), "0 %"), Format(Number(unlearner, "retainedAccuracy")),
                    Format(Number(unlearner, "testAccuracy")),
                    Format(Number(unlearner, "retrainGap")), Format(Number(unlearner, "retrainGapFloor")),
                    Format(Number(unlearner, "aboveNoiseShare"), "0 %"), Format(Number(nothing, "spearman"), "0.00"),
                    Format(Number(nothing, "ownSpearman"), "0.00"),
                ]));
            parts.Add("Other scores, AUC and ceiling:\n");
            parts.Add(Markdown(
                ["unlearner", "score", "rows", "AUC [95 %]", "ceiling"],
                from unlearner in unlearners.Where(IsApproximate)
                from score in List(unlearner, "otherScores")
                select (string[])[
                    Text(unlearner, "name"),
                    Text(score, "outcome"),
                    $"{score.GetProperty("rows")}",
                    Interval(score.GetProperty("auc")),
                    Format(Number(score, "ceiling")),
                ]));
        }
        if (study.GetProperty("agreement") is { ValueKind: JsonValueKind.Object } agreement)
        {
            var across = agreement.GetProperty("acrossHalves");
            string[] ranked = [.. List(across, "names").Select(name => name.GetString()!)];
            parts.Add(
                "Rank correlation of the scores across halves of the trials that share nothing; the diagonal is how far an unlearner agrees with itself:\n");
            parts.Add(Markdown(["", .. ranked], List(across, "spearman").Zip(
                ranked, (line, name) => (string[])[name, .. line.EnumerateArray().Select(value => Format(Number(value), "0.00"))])));
        }
        var measured = unlearners.SelectMany(unlearner => List(unlearner, "outcomes")).Select(outcome => Text(outcome, "outcome")).Distinct();
        parts.Add("Outcomes after unlearning as indicators of difficulty, Spearman correlation with the score (a score's own outcome is 1 by construction; "
            + "none of this is prediction):\n");
        parts.Add(Markdown(["outcome", .. names], measured.Select(outcome => (string[])
        [
            outcome, .. unlearners.Select(unlearner => List(unlearner, "outcomes").FirstOrDefault(
                of => Text(of, "outcome") == outcome) is { ValueKind: JsonValueKind.Object } of ? Format(Number(of, "spearman"), "0.00") : Dash),
        ])));
        return string.Join('\n', parts);
    }

    public static string Transfer(JsonElement transfer) => string.Join('\n', transfer.EnumerateArray().Select(found =>
    {
        string[] names = [.. List(found, "names").Select(name => name.GetString()!)];
        return Markdown(
            [Text(found, "unlearner"), .. names], List(found, "auc").Zip(names, (line, name) => (string[])[name, .. line.EnumerateArray().Select(Interval)]));
    }));

    private static string Markdown(string[] header, IEnumerable<string[]> lines) =>
        string.Concat(lines.Prepend([.. header.Select(_ => "---")]).Prepend(header).Select(line => $"| {string.Join(" | ", line)} |\n"));

    private static List<JsonElement> List(JsonElement of, string name) => [.. of.GetProperty(name).EnumerateArray()];

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private static double Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN;

    private static double Number(JsonElement of, string name) => Number(of.GetProperty(name));

    private static string Rows(JsonElement of, string name) => of.GetProperty(name).GetInt32().ToString("N0", CultureInfo.InvariantCulture);

    private static string Format(double value, string format = "0.000") => double.IsNaN(value) ? Dash : value.ToString(format, CultureInfo.InvariantCulture);

    private static string Interval(JsonElement auc) => $"{Format(Number(auc, "value"))} [{Format(Number(auc, "low"))}, {Format(Number(auc, "high"))}]";

    private static string Ceiling(JsonElement unlearner) =>
        $"{Format(Number(unlearner, "ceiling"))} [{Format(Number(unlearner, "ceilingLow"))}, {Format(Number(unlearner, "ceilingHigh"))}]";

    private static bool IsApproximate(JsonElement unlearner) => unlearner.GetProperty("nothing").ValueKind == JsonValueKind.Object;

    // Doing nothing as a predictor of the label, beside the unlearner's own score, both across halves.
    private static string Nothing(JsonElement unlearner) => unlearner.GetProperty("nothing") is { ValueKind: JsonValueKind.Object } nothing
        ? $"{Format(Number(nothing, "auc"))} of "
        + $"{Format(Number(nothing, "ownAuc"))}{(nothing.GetProperty("isToldApart").GetBoolean() ? "" : ", **not told apart**")}"
        : Dash;

    private static string Mark(bool passed, double value) => passed ? $"yes, {Format(value)}" : $"**no**, {Format(value)}";

    private static string Share(JsonElement unlearner) =>
        Format(Number(unlearner, "ceilingShare"), "0.0 %") is var share && Number(unlearner, "ceilingShare") < 0.92 ? $"**{share}**" : share;

    private static double Subset(JsonElement unlearner, string kind, string? name = null) =>
        List(unlearner, "subsets").FirstOrDefault(subset => Text(subset, "kind") == kind
            && (name is null || Text(subset, "name") == name)) is { ValueKind: JsonValueKind.Object } found ? Number(found, "auc") : double.NaN;

    private static string LeftOut(JsonElement study, JsonElement unlearner)
    {
        if (study.GetProperty("agreement") is not { ValueKind: JsonValueKind.Object } agreement)
            return Dash;
        var auc = Number(List(agreement, "leaveOneOut").First(left => Text(left, "unlearner") == Text(unlearner, "name")).GetProperty("auc"), "value");
        return auc < 0.85 ? $"**{Format(auc)}**" : Format(auc);
    }
}
