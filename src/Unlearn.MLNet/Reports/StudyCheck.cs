namespace Unlearn.MLNet.Reports;

/// <summary>Checks that a study's lists fit together, so that writers can index them.</summary>
internal static class StudyCheck
{
    public static void Lengths(StudyResult study)
    {
        var rows = study.RowIds.Count;
        Expect("class labels", study.Labels.Count, rows);
        foreach (var factor in study.Factors)
            Expect($"values of factor {factor.Name}", factor.Values.Count, rows);

        if (study.NearestRows.Count > 0)
            Expect("lists of nearest rows", study.NearestRows.Count, rows);

        foreach (var unlearner in study.Unlearners)
        {
            Expect($"hardness scores of {unlearner.Name}", unlearner.Scores.Count, rows);
            Expect($"hardness labels of {unlearner.Name}", unlearner.Labels.Count, rows);
            Expect($"predictions of {unlearner.Name}", unlearner.Evaluation.Predictions.Count, rows);
            if (unlearner.Evaluation.Contributions is { Count: > 0 } contributions)
            {
                Expect($"contributions of {unlearner.Name}", contributions.Count, rows);
                foreach (var row in contributions)
                    Expect($"contributions to a row of {unlearner.Name}", row.Count, study.Factors.Count);
            }
            foreach (var outcome in unlearner.Outcomes)
                Expect($"values of outcome {outcome.Outcome} of {unlearner.Name}", outcome.Means.Count, rows);
        }

        if (study.Agreement is { } agreement)
        {
            Expect("lines of the transfer matrix", agreement.Transfer.Auc.Count, agreement.Transfer.Names.Count);
            Expect("lines of the rank correlation", agreement.SpearmanAcrossHalves.Count, agreement.SpearmanNames.Count);
            foreach (var line in agreement.SpearmanAcrossHalves)
                Expect("columns of the rank correlation", line.Count, agreement.SpearmanNames.Count);

            Expect("unlearners left out in turn", agreement.LeaveOneOut.Count, agreement.Transfer.Names.Count);
            Expect("verdicts on unlearners left out in turn", agreement.LeaveOneOutVerdicts.Count, agreement.Transfer.Names.Count);
        }
    }

    private static void Expect(string what, int actual, int expected)
    {
        if (actual != expected)
            throw new ArgumentException($"The study has {actual} {what}; {expected} are needed.");
    }
}
