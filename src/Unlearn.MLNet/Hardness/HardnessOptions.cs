namespace Unlearn.MLNet;

/// <summary>How hardness models are trained and scored.</summary>
public sealed record HardnessOptions
{
    /// <summary>Share of rows that count as hard, in (0, 1).</summary>
    /// <value>Default 0.2.</value>
    public double HardShare { get; init; } = 0.2;

    /// <summary>Number of folds of the cross-validation, from 2.</summary>
    /// <value>Default 5.</value>
    public int Folds { get; init; } = 5;

    /// <summary>Number of trees of the hardness model, unless <see cref="Trainer"/> is given.</summary>
    /// <value>Default 120.</value>
    public int Trees { get; init; } = 120;

    /// <summary>Number of leaves of a tree, unless <see cref="Trainer"/> is given.</summary>
    /// <value>Default 8.</value>
    public int Leaves { get; init; } = 8;

    /// <summary>Learning rate of the boosting, unless <see cref="Trainer"/> is given.</summary>
    /// <value>Default 0.05.</value>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Smallest number of rows in a leaf, unless <see cref="Trainer"/> is given.</summary>
    /// <value>Default 20.</value>
    public int MinimumRowsPerLeaf { get; init; } = 20;

    /// <summary>Trainer of the hardness models.</summary>
    /// <value>Default <see langword="null"/>: FastTree with the settings above.</value>
    public HardnessTrainer? Trainer { get; init; }

    /// <summary>
    /// Trainers to choose from, instead of <see cref="Trainer"/>: a nested search. Within the training rows of each fold, grouped inner folds choose
    /// the candidate with the highest AUC, which then trains on all of them; ties go to the earlier. The rows that a figure is reported on take no
    /// part in the choice. The search multiplies the time by the number of candidates times <see cref="InnerFolds"/>.
    /// </summary>
    /// <value>Default none: no search. <see cref="HardnessTrainer.RandomCandidates"/> gives some.</value>
    public IReadOnlyList<HardnessTrainer> Candidates { get; init; } = [];

    /// <summary>Number of inner folds of the search among <see cref="Candidates"/>, from 2.</summary>
    /// <value>Default 3.</value>
    public int InnerFolds { get; init; } = 3;

    /// <summary>
    /// Whether to evaluate the core factors and each tier on the same folds; and each family, alone and left out. Families are not evaluated for
    /// approximate unlearners where there are exact ones or scores of your own, since they are most of the models. The default trainer puts factors into
    /// up to 64 bins for them, in place of 255: twice as fast, with AUCs that differ by some 0.001.
    /// </summary>
    /// <value>Default <see langword="true"/>.</value>
    public bool Subsets { get; init; } = true;

    /// <summary>Number of permutations of each factor and family on each held-out fold, for permutation importance; 0 for none. It is for the unlearners
    /// whose families are evaluated.</summary>
    /// <value>Default 5.</value>
    public int Permutations { get; init; } = 5;

    /// <summary>Target for the lower end of the AUC's interval, which should be above this value.</summary>
    /// <value>Default 0.82.</value>
    public double AucTarget { get; init; } = 0.82;

    /// <summary>Target for <see cref="HardnessEvaluation.CeilingShare"/>, (AUC − 0.5) / (ceiling − 0.5), which should be at least this value.</summary>
    /// <value>Default 0.92.</value>
    public double CeilingShareTarget { get; init; } = 0.92;

    /// <summary>
    /// Number of times that each half of the trials must forget every row for a verdict on the ceiling. With fewer times, the ceiling is too low.
    /// </summary>
    /// <value>Default 2.</value>
    public int FewestTrialsForCeiling { get; init; } = 2;

    /// <summary>Target for the AUC of a model trained on the other unlearners' labels, which should be at least this value.</summary>
    /// <value>Default 0.85.</value>
    public double LeaveOneOutTarget { get; init; } = 0.85;

    /// <summary>
    /// Number of models to work on at once, one core each. It affects the running time, never the results. ML.NET's FastTree and LightGBM train one model
    /// at a time in a process: only what comes before and after a training runs beside another one.
    /// </summary>
    /// <value>Default: the number of processors.</value>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>As <see cref="Subsets"/> says of families.</summary>
    internal HardnessOptions OfFamilies() =>
        this with { Trainer = Trainer ?? HardnessTrainer.BinnedFastTree(Trees, Leaves, LearningRate, MinimumRowsPerLeaf, HardnessTrainer.FewBins) };

    /// <exception cref="ArgumentException">An option is outside its range, or the share leaves no hard row or no easy one.</exception>
    internal void Check(int rows)
    {
        if (!(HardShare is > 0 and < 1))
            throw new ArgumentException(Invariant($"A share of {HardShare} hard rows was asked for: it must lie between 0 and 1, both excluded."));
        HardnessScores.CountHard(rows, HardShare);
        if (Folds < 2 || Folds > rows)
            throw new ArgumentException($"{Folds} folds of {rows} rows were asked for: ask for at least 2, and at most one for each row.");
        if (InnerFolds < 2)
            throw new ArgumentException($"{InnerFolds} inner folds were asked for: ask for at least 2.");
        if (Permutations < 0)
            throw new ArgumentException($"{Permutations} permutations were asked for: ask for none or more.");
        if (Trees < 1 || Leaves < 2 || MinimumRowsPerLeaf < 1)
            throw new ArgumentException($"{Trees} trees of {Leaves} leaves from {MinimumRowsPerLeaf} rows were asked for: ask for at least 1, 2 and 1.");
        if (!(LearningRate > 0) || !double.IsFinite(LearningRate))
            throw new ArgumentException(Invariant($"A learning rate of {LearningRate} was asked for: it must be above 0 and finite."));
        if (Candidates is null || Candidates.Any(candidate => candidate is null))
            throw new ArgumentException("The candidates, or one of them, are null: leave them out for no search.");
        if (Workers < 1)
            throw new ArgumentException($"{Workers} workers were asked for: ask for at least 1.");
    }
}
