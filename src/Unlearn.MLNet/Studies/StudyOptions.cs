using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>Options of a study.</summary>
public sealed record StudyOptions
{
    private const int FewestReferenceModels = 2 * Unlearn.Transforms.ReferenceModels.FewestModels;

    /// <summary>Name of the study, for headings.</summary>
    public required string Title { get; init; }

    /// <summary>
    /// How the target is trained and retrained: a <see cref="TorchRecipe"/>, an <see cref="EstimatorRecipe"/> for any ML.NET estimator, or your own
    /// recipe.
    /// </summary>
    public required ITrainingRecipe Recipe { get; init; }

    /// <summary>The unlearners, and the number of trials of each.</summary>
    public required IReadOnlyList<UnlearnerPlan> Unlearners { get; init; }

    /// <summary>The factors. One that the target cannot give is an error.</summary>
    /// <value>
    /// Default: the factors of <see cref="HardnessFactors.Default"/> that the target can give, and the factors of tier <see cref="FactorTier.T3"/> if
    /// <see cref="ReferenceModels"/> is not 0.
    /// </value>
    public IReadOnlyList<IHardnessFactor>? Factors { get; init; }

    /// <summary>
    /// Number of reference models to train for factors of tier <see cref="FactorTier.T3"/>: at least 4, or 0 for none. Trials never use these models;
    /// see <see cref="ReferenceModels"/>.
    /// </summary>
    /// <value>Default 0.</value>
    public int ReferenceModels { get; init; }

    /// <summary>
    /// Rows that some unlearners also forget one at a time, to compare with group trials. These trials have a separate ledger beside
    /// <see cref="LedgerPath"/>.
    /// </summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public SingleRowOptions? SingleRows { get; init; }

    /// <summary>How hardness models are trained and scored.</summary>
    public HardnessOptions Hardness { get; init; } = new();

    /// <summary>
    /// File of the ledger, which keeps finished trials. Another run with the same file continues where the last one stopped. Several processes may
    /// run the same study on it at once. Each study needs its own file: a file with trials of other rows, another recipe, seed or options is refused.
    /// </summary>
    /// <value>No default: a study without <see cref="Cluster"/> needs it.</value>
    public string LedgerPath { get; init; } = "";

    /// <summary>
    /// Other processes that run the trials. The ledger is theirs, so <see cref="LedgerPath"/> is not used. Everything else is done here: training and
    /// measuring the target, calibrations, factors, hardness models. Results are the same, bit for bit.
    /// </summary>
    /// <value>Default <see langword="null"/>: this process runs them.</value>
    public TrialCluster? Cluster { get; init; }

    /// <summary>
    /// How the strengths of approximate unlearners are found before the trials; <see langword="null"/> to keep their own options. Only an
    /// <see cref="IAdjustableUnlearner"/> has a strength.
    /// </summary>
    public CalibrationOptions? Calibration { get; init; } = new();

    /// <summary>How failed trials, and ledgers with other plans, are dealt with.</summary>
    public TrialRunnerOptions Trials { get; init; } = new();

    /// <summary>Names of the classes, for reports.</summary>
    /// <value>Default: the class names of the rows, or the class numbers from 0 if the rows have no names.</value>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Root seed.</summary>
    /// <value>Default 1.</value>
    public int Seed { get; init; } = 1;

    /// <summary>Number of workers that run trials at once, one core each. It affects the running time, never the results.</summary>
    /// <value>Default: the number of processors.</value>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Checks everything that can be checked before anything is trained.</summary>
    /// <exception cref="ArgumentException">An option is outside its range, or options do not go together.</exception>
    internal void Check(TrainingRows rows)
    {
        if (Unlearners is null || Unlearners.Any(plan => plan is null))
            throw new ArgumentException($"{nameof(Unlearners)} is null or has a plan that is: give a plan for each unlearner.");
        GroundTruthSetup.Check(Recipe, [.. Unlearners.Select(plan => plan.Unlearner)], Trials, Workers, Calibration);
        (Recipe as TorchRecipe)?.Check(rows, Enumerable.Range(0, rows.Count).ToArray());
        if (Cluster is null && string.IsNullOrWhiteSpace(LedgerPath))
            throw new ArgumentException($"{nameof(LedgerPath)} is empty: name the file that keeps finished trials.");
        if (Factors is not null && (Factors.Count == 0 || Factors.Any(factor => factor is null)))
            throw new ArgumentException($"{nameof(Factors)} is empty or has a factor that is null: name at least one, or none for the default factors.");
        if (Factors?.GroupBy(factor => factor.Name).FirstOrDefault(group => group.Count() > 1) is { } repeated)
            throw new ArgumentException($"{nameof(Factors)} names {repeated.Key} more than once.");
        if (Hardness is null)
            throw new ArgumentException($"{nameof(Hardness)} is null: leave it out for the defaults.");
        PlanCheck.PoolShares(Unlearners);
        if (ReferenceModels == 0 && Factors?.Where(factor => factor.Tier == FactorTier.T3).Select(factor => factor.Name).ToList() is [_, ..] referring)
            throw new ArgumentException(
                $"The factors {string.Join(", ", referring)} need reference models: set {nameof(StudyOptions)}.{nameof(ReferenceModels)}, or leave them out.");
        if (ReferenceModels is < 0 or > 0 and < FewestReferenceModels)
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
        Cluster = Cluster,
        Trials = Trials,
        Calibration = Calibration,
        Workers = Workers,
    };
}
