using Unlearn.MLNet.GroundTruth;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet;

/// <summary>What a study does.</summary>
public sealed record StudyOptions
{
    private const int FewestReferenceModels = 2 * Unlearn.Transforms.ReferenceModels.FewestModels;

    /// <summary>Name of the study, for headings.</summary>
    public required string Title { get; init; }

    /// <summary>How the target is trained, and retrained: a <see cref="TorchRecipe"/>, an <see cref="EstimatorRecipe"/> for any estimator of ML.NET, or one of your own.</summary>
    public required ITrainingRecipe Recipe { get; init; }

    /// <summary>The unlearners, and how many trials of each.</summary>
    public required IReadOnlyList<UnlearnerPlan> Unlearners { get; init; }

    /// <summary>The factors. One that the target cannot give is an error.</summary>
    /// <value>Default: those of <see cref="HardnessFactors.Default"/> that the target can give, and those of tier <see cref="FactorTier.T3"/> where <see cref="ReferenceModels"/> is not 0.</value>
    public IReadOnlyList<IHardnessFactor>? Factors { get; init; }

    /// <summary>
    /// Number of reference models that are trained for factors of tier <see cref="FactorTier.T3"/>, at least 4, or 0 for none. They are never the models
    /// of trials; see <see cref="ReferenceModels"/>.
    /// </summary>
    /// <value>Default 0.</value>
    public int ReferenceModels { get; init; }

    /// <summary>Rows that some unlearners also forget one at a time, to compare with groups. Their trials have a ledger of their own beside <see cref="LedgerPath"/>.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public SingleRowOptions? SingleRows { get; init; }

    /// <summary>How hardness models are trained and scored.</summary>
    public HardnessOptions Hardness { get; init; } = new();

    /// <summary>
    /// File of the ledger, which finished trials are kept in; running again with the same file goes on where it stopped, and several processes may
    /// run the same study on it at once. One study has one file: with other rows, another recipe, seed or options, a file that has trials is refused.
    /// </summary>
    public required string LedgerPath { get; init; }

    /// <summary>How failed trials, and ledgers with other plans, are dealt with.</summary>
    public TrialRunnerOptions Trials { get; init; } = new();

    /// <summary>Names of the classes, for reports.</summary>
    /// <value>Default: those of the rows, or the numbers of the classes from 0 where the rows have none.</value>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Root seed.</summary>
    /// <value>Default 1.</value>
    public int Seed { get; init; } = 1;

    /// <summary>Workers that run trials at once, one core each. It changes the time, never the results.</summary>
    /// <value>Default: the number of processors.</value>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Checks everything that can be checked before anything is trained.</summary>
    /// <exception cref="ArgumentException">An option is outside its range, or options do not go together.</exception>
    internal void Check(TrainingRows rows)
    {
        GroundTruthSetup.Check([.. Unlearners.Select(plan => plan.Unlearner)], Trials, Workers);
        if (ReferenceModels == 0 && Factors?.Where(factor => factor.Tier == FactorTier.T3).Select(factor => factor.Name).ToList() is [_, ..] referring)
            throw new ArgumentException($"The factors {string.Join(", ", referring)} need reference models: set {nameof(StudyOptions)}.{nameof(ReferenceModels)}, or leave them out.");
        if (ReferenceModels is < 0 or (> 0 and < FewestReferenceModels))
            throw new ArgumentException($"{ReferenceModels} reference models were asked for: ask for none or at least {FewestReferenceModels}.");
        if (ClassNames is not null && ClassNames.Count != rows.ClassCount)
            throw new ArgumentException($"There are {ClassNames.Count} names of {rows.ClassCount} classes: give one for each, or none.");
        SingleRows?.Check(Unlearners, rows.Count);
        Hardness.Check(rows.Count);
    }

    internal GroundTruthSetup ToSetup(TrainingRows rows, TrainingRows testRows) => new()
    {
        Recipe = Recipe,
        Rows = rows,
        TestRows = testRows,
        Unlearners = [.. Unlearners.Select(plan => plan.Unlearner)],
        Seed = Seed,
        RecordsGradients = Factors?.Any(factor => factor.NeedsGradientTrace) == true,
        LedgerPath = LedgerPath,
        Trials = Trials,
        Workers = Workers,
    };
}
