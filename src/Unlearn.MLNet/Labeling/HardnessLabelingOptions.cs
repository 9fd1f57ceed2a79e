using Microsoft.ML;
using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Labeling;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet;

/// <summary>How rows are labeled by how hard they are to unlearn.</summary>
public sealed record HardnessLabelingOptions
{
    private static readonly IUnlearner[] OfTorch = [new ExactRetraining(), new FineTuning()];
    private static readonly IUnlearner[] OfAnyRecipe = [new ExactRetraining(), new Sisa()];

    /// <summary>How the target is trained, and retrained.</summary>
    public required ITrainingRecipe Recipe { get; init; }

    /// <summary>The unlearners, each with a name of its own. The first one's score and label get the columns without its name.</summary>
    /// <value>
    /// Default <see cref="ExactRetraining"/> and <see cref="FineTuning"/>, which changes a Torch module; for other recipes than
    /// <see cref="TorchRecipe"/>, <see cref="ExactRetraining"/> and <see cref="Sisa"/>. Approximate ones are scored against exact retraining, so it must be
    /// among them.
    /// </value>
    public IReadOnlyList<IUnlearner> Unlearners { get => field ?? (Recipe is TorchRecipe ? OfTorch : OfAnyRecipe); init; }

    /// <summary>Column of the features, a known-size vector of <see cref="float"/>.</summary>
    /// <value>Default <c>Features</c>.</value>
    public string FeatureColumnName { get; init; } = "Features";

    /// <summary>Largest number of characters of a row where the features are text, from 1.</summary>
    /// <value>Default <see cref="TextFeatures.DefaultLength"/>.</value>
    public int MaximumTextLength { get; init; } = TextFeatures.DefaultLength;

    /// <summary>Column of the label that the target is trained on, a key or a <see cref="bool"/>.</summary>
    /// <value>Default <c>Label</c>.</value>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>Column of the row ids, text or integers, without repetition.</summary>
    /// <value>Default <c>RowId</c>.</value>
    public string RowIdColumnName { get; init; } = "RowId";

    /// <summary>
    /// Folder in which the features of the rows, and of <see cref="TestData"/>, are while the labeling runs, rows × features × 4 bytes, twice that for a
    /// while: for rows that memory cannot hold. Results are the same, bit for bit. What is made there is gone at the end.
    /// </summary>
    /// <value>Default <see langword="null"/>: in memory.</value>
    public string? StoreFolder { get; init; }

    /// <summary>Rows that the target is not trained on, with the same columns; outcomes that are about test accuracy need them.</summary>
    /// <value>Default none.</value>
    public IDataView? TestData { get; init; }

    /// <summary>How sure the labels are to be, and what that may cost.</summary>
    internal AdaptiveOptions Sufficient { get; init; } = new();

    /// <summary>
    /// Oracle ceiling that every unlearner is to reach, in (0.5, 1]: the AUC that a score without noise would have against the label; see
    /// <see cref="HardnessEvaluation.Ceiling"/>.
    /// </summary>
    /// <value>Default 0.9.</value>
    public double CeilingGoal { get => Sufficient.CeilingGoal; init => Sufficient = Sufficient with { CeilingGoal = value }; }

    /// <summary>Share of rows that count as hard, in (0, 1).</summary>
    /// <value>Default 0.2.</value>
    public double HardShare { get => Sufficient.HardShare; init => Sufficient = Sufficient with { HardShare = value }; }

    /// <summary>Number of trials that is never exceeded, over all unlearners.</summary>
    /// <value>Default 1,000.</value>
    public int MaximumTrials { get => Sufficient.MaximumTrials; init => Sufficient = Sufficient with { MaximumTrials = value }; }

    /// <summary>
    /// Wall-clock time that no round is begun to exceed: what has passed since the first round began, measuring and waiting included, and what the
    /// next round is expected to take at that pace. A resumed run has all of it again.
    /// </summary>
    /// <value>Default: no limit.</value>
    public TimeSpan MaximumTime { get => Sufficient.MaximumTime; init => Sufficient = Sufficient with { MaximumTime = value }; }

    /// <summary>How often each half of the trials forgets each row in the first round, at least, from 1; single rows begin with once.</summary>
    /// <value>Default 3.</value>
    public int FirstCoverage { get; init; } = 3;

    /// <summary>
    /// Share of the rows that a group trial forgets, in (0, 1): the same for all unlearners, since approximate ones are judged by retrained models
    /// that lack as many rows.
    /// </summary>
    /// <value>Default 0.3.</value>
    public double ForgetShare { get; init; } = UnlearnerPlan.DefaultForgetShare;

    /// <summary>
    /// Workers' time in which an unlearner is to forget every row by itself, twice, for it to be given single rows and not groups; a first trial
    /// tells what it takes. The unlearner that makes the retrain pool and approximate ones, which it judges, always have groups.
    /// </summary>
    /// <value>Default 10 minutes. Zero for groups only.</value>
    public TimeSpan SingleRowTime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>File of the ledger, which finished trials are kept in: a labeling that was stopped goes on from there.</summary>
    /// <value>Default <see langword="null"/>: a temporary file, which is deleted at the end however it comes.</value>
    public string? LedgerPath { get; init; }

    /// <summary>
    /// Other processes that run the trials. The ledger is theirs, so <see cref="LedgerPath"/> is not used. Everything else is done here: training and
    /// measuring the target, calibrations, factors, hardness models. Results are the same, bit for bit.
    /// </summary>
    /// <value>Default <see langword="null"/>: this process runs them.</value>
    public TrialCluster? Cluster { get; init; }

    /// <summary>
    /// How the strengths of approximate unlearners are found before the trials; <see langword="null"/> to keep their own options. Only an
    /// <see cref="IAdjustableUnlearner"/> has a strength. It is found on groups of <see cref="ForgetShare"/>, for single rows too.
    /// </summary>
    public CalibrationOptions? Calibration { get; init; } = new();

    /// <summary>How failed trials, and ledgers with other plans, are dealt with.</summary>
    public TrialRunnerOptions Trials { get; init; } = new();

    /// <summary>Root seed.</summary>
    /// <value>Default 1.</value>
    public int Seed { get; init; } = 1;

    /// <summary>Seed of the target's training. To label the rows of your own model, give the seed that it was trained with.</summary>
    /// <value>Default: derived from <see cref="Seed"/>.</value>
    public long? TargetSeed { get; init; }

    /// <summary>Trials that run at once, one core each. It changes the time, never the result.</summary>
    /// <value>Default: the number of processors.</value>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>Checks everything that can be checked before the rows are read.</summary>
    /// <exception cref="ArgumentException">An option is outside its range, or options do not go together.</exception>
    internal void Check()
    {
        GroundTruthSetup.Check(Recipe, Unlearners, Trials, Workers, Calibration);
        if (FirstCoverage < 1)
            throw new ArgumentException($"A first coverage of {FirstCoverage} was asked for: each half must forget each row at least once.");
        if (!(ForgetShare is > 0 and < 1))
            throw new ArgumentException(Invariant($"A forget share of {ForgetShare} was asked for: it must lie between 0 and 1, both excluded."));
        FeatureFile.CheckFolder(StoreFolder, nameof(StoreFolder));
        Sufficient.Check();
    }

    internal GroundTruthSetup ToSetup(TrainingRows rows, TrainingRows? testRows) => new()
    {
        Recipe = Recipe,
        Rows = rows,
        TestRows = testRows,
        Unlearners = Unlearners,
        Seed = Seed,
        TargetSeed = TargetSeed,
        LedgerPath = LedgerPath,
        Cluster = Cluster,
        Trials = Trials,
        Calibration = Calibration,
        Workers = Workers,
    };
}
