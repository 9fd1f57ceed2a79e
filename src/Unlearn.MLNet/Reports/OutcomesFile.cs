namespace Unlearn.MLNet.Reports;

/// <summary>The table of outcomes as CSV; the form is documented at <see cref="StudyFiles"/>.</summary>
internal static class OutcomesFile
{
    public static void Write(Stream stream, StudyResult study)
    {
        var columns = study.Unlearners
            .SelectMany(unlearner => unlearner.Outcomes.SelectMany(outcome => Columns($"{unlearner.Name}_{outcome.Outcome}", outcome)))
            .ToList();
        StudyTables.Write(
            stream,
            ["RowId", .. columns.Select(column => column.Name)],
            study.RowIds.Select((id, row) => (string[])[id, .. columns.Select(column => StudyTables.Number(column.Values[row]))]));
    }

    private static IEnumerable<(string Name, IReadOnlyList<double> Values)> Columns(string name, OutcomeColumn outcome)
    {
        yield return (name, outcome.Means);
        yield return ($"{name}Error", outcome.StandardErrors);
        if (outcome.Outcome == Outcome.StepsToForget)
            yield return ($"{name}Censored", outcome.CensoredShares);
    }
}
