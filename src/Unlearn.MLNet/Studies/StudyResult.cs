namespace Unlearn.MLNet;

/// <summary>Everything that a study found. Per-row lists are in the order of <see cref="RowIds"/>.</summary>
public sealed record StudyResult
{
    /// <summary>Name of the study, for headings.</summary>
    public required string Title { get; init; }

    /// <summary>Root seed.</summary>
    public required int Seed { get; init; }

    /// <summary>Number of workers that ran trials. It changes the time, never the results.</summary>
    public required int Workers { get; init; }

    /// <summary>The target model.</summary>
    public required TargetSummary Target { get; init; }

    /// <summary>Ids of the audited rows.</summary>
    public required IReadOnlyList<string> RowIds { get; init; }

    /// <summary>True class of each row, from 0.</summary>
    public required IReadOnlyList<int> Labels { get; init; }

    /// <summary>Names of the classes.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>Factor columns: name and one value per row.</summary>
    public required IReadOnlyList<FactorColumn> Factors { get; init; }

    /// <summary>What was found for each unlearner.</summary>
    public required IReadOnlyList<UnlearnerResult> Unlearners { get; init; }

    /// <summary>Near-duplicate group of each row; empty where it is not known.</summary>
    public IReadOnlyList<int> Groups { get; init; } = [];

    /// <summary>
    /// Positions of each row's nearest rows in the target's representation, the nearest first; empty where the target has none, or where there are more
    /// than 10,000 rows.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>> NearestRows { get; init; } = [];

    /// <summary>Transfer of hardness models between the unlearners, and how far their scores agree; <see langword="null"/> for a single unlearner.</summary>
    public UnlearnerAgreement? Agreement { get; init; }

    /// <summary>Single rows compared with groups, by unlearner; empty where that was not asked for.</summary>
    public IReadOnlyList<SingleRowResult> SingleRows { get; init; } = [];

    /// <summary>Wall-clock seconds of the whole study.</summary>
    public required double TotalSeconds { get; init; }

    /// <summary>Wall-clock seconds of each stage. Trials that an earlier run had finished, and strengths that it had found, cost nothing.</summary>
    public required IReadOnlyDictionary<StudyStage, double> Seconds { get; init; }
}
