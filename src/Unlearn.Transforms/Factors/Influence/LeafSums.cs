using TorchSharp;
using Unlearn.Transforms.MLNetModels.Trees;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.Influence;

/// <summary>
/// What the value of each leaf comes from: ηθ with θ = −G / (H + λ), G and H the sums of g and h over the training rows in the leaf. Boosting takes
/// for g and h the derivatives of the loss by the score before the tree, g = p − y and h = p(1 − p), with p the probability of the tree's class and y
/// whether the row is of it; a forest takes means of ±1, g = ∓1 and h = 1.
/// </summary>
internal sealed class LeafSums : ICheckedStatistic
{
    /// <summary>λ: keeps a leaf of saturated rows finite.</summary>
    public const double Damping = 1e-3;

    private const string Steps = "steps";
    private const string Curvatures = "curvatures";
    private const string Counts = "counts";
    private const string Rate = "rate";
    private const string Start = "start";
    private const string Keys = "keys";

    private LeafSums() { }

    public static LeafSums Instance { get; } = new();

    public string Name => "Leaves";

    public IReadOnlyDictionary<string, torch.Tensor> Fit(FactorTraining training)
    {
        var ensemble = ((TreeEnsembleTarget)training.Target).Ensemble;
        if (ensemble.Link == TreeLink.Softmax
            && Enumerable.Range(0, ensemble.ClassCount).Select(k => ensemble.Scores.Count(score => score == k)).Distinct().Count() > 1)
            throw new NotSupportedException(
                "LeafInfluence needs to know which trees of the classes were fitted together, but some classes have fewer trees than others, "
                + "since ML.NET drops trees that split nothing: train with more rows a leaf or fewer iterations, use one-versus-all (UseSoftmax = false), "
                + "or leave LeafInfluence out of the factors.");
        var priors = Priors(training, ensemble);
        // LightGBM begins at what the shares of the classes say, and hides it in the leaves of its first trees.
        var starts = ensemble.IsBoosted && Array.TrueForAll(priors, double.IsFinite)
            ? new[] { new double[priors.Length], priors }
            : [new double[priors.Length]];
        var sums = starts.Select(start => Sum(training, ensemble, start)).MinBy(sums => sums.FirstTreesError)!;
        var rate = sums.LearningRate;
        if (!(rate > 0))
            throw new InvalidOperationException(
                "The leaf values of the trees do not follow from the labels of these rows, so that nothing can be said of what they would be without one: "
                + "fit LeafInfluence on the rows that the trees were trained on, with the labels they had then.");
        return new Dictionary<string, torch.Tensor>
        {
            [Steps] = sums.Steps.to(torch.float32),
            [Curvatures] = sums.H.to(torch.float32),
            [Counts] = sums.Counts.to(torch.float32),
            [Rate] = torch.tensor(new[] { (float)rate }),
            [Start] = torch.tensor(sums.Start).to(torch.float32),
            [Keys] = torch.cat([.. training.Batches.Select(batch => batch.RowKeys.alias().MoveToOuterDisposeScope())]).sort().Values,
        };
    }

    public void Check(SavedState state, FactorBatch probe)
    {
        var ensemble = ((TreeEnsembleTarget)probe.Target).Ensemble;
        state.Numbers(Steps, ensemble.LeafCount);
        foreach (var name in new[] { Curvatures, Counts })
            state.Require(state.Numbers(name, ensemble.LeafCount).Ge(0).all().item<bool>(), name, "is negative");
        state.Require(state.Numbers(Rate, 1).Gt(0).all().item<bool>(), Rate, "is not positive");
        state.Numbers(Start, ensemble.Starts.Length);
        state.Sorted(Keys, SavedState.Any);
    }

    /// <summary>
    /// Change of the scores against each row's label when the row's leaves are refitted without it. Lower scores of the row's class and higher scores
    /// of other classes count as positive. A row that is not a training row is added first.
    /// </summary>
    public torch.Tensor SelfInfluences(FactorBatch batch)
    {
        var state = batch.State(this);
        var leaves = batch.Leaves!;
        var ensemble = ((TreeEnsembleTarget)batch.Target).Ensemble;
        var y = IsOfClass(ensemble, batch.Labels);
        var (g, h) = Derivatives(ensemble, leaves, y, state[Start].to(torch.float64));
        var (steps, curvatures, counts) = (AtLeaves(Steps), AtLeaves(Curvatures), AtLeaves(Counts));
        var keys = state[Keys];
        var isTraining = keys.index_select(0, torch.searchsorted(keys, batch.RowKeys).ClampMax(keys.shape[0] - 1)).eq(batch.RowKeys).unsqueeze(1);
        var others = curvatures.Add(h.neg().where(isTraining, h)).Add(Damping);
        // A leaf without any row has the value 0.
        var drops = steps.where(isTraining.logical_and(counts.Le(1)), g.Add(steps * h).neg() / others);
        return (drops * y.Mul(2).Sub(1)).sum(1) * state[Rate];

        torch.Tensor AtLeaves(string entry) => state[entry].to(torch.float64).index_select(0, leaves.flatten()).view_as(leaves);
    }

    /// <summary>y: 1 where a row is of the class that a tree speaks for, else 0: rows × trees.</summary>
    private static torch.Tensor IsOfClass(TreeEnsemble ensemble, torch.Tensor labels) =>
        labels.unsqueeze(1).eq(torch.tensor(ensemble.Classes).to(torch.int64)).to(torch.float64);

    /// <summary>g and h of each row in each tree: rows × trees.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="leaves">Leaves of the rows.</param>
    /// <param name="y">Whether each row is of each tree's class.</param>
    /// <param name="start">What is hidden in the leaves of each score's first tree.</param>
    private static (torch.Tensor G, torch.Tensor H) Derivatives(TreeEnsemble ensemble, torch.Tensor leaves, torch.Tensor y, torch.Tensor start)
    {
        if (!ensemble.IsBoosted)
            return (y.Mul(2).neg().Add(1), torch.ones(leaves.shape, torch.float64));
        var p = ensemble.ProbabilitiesBefore(leaves, start);
        return (p - y, p * p.neg().Add(1));
    }

    // The scores that give every row the shares of the classes.
    private static double[] Priors(FactorTraining training, TreeEnsemble ensemble)
    {
        var counts = new double[ensemble.ClassCount];
        foreach (var label in training.Batches.SelectMany(batch => batch.Labels.data<long>().ToArray()))
            counts[label]++;
        var classes = ensemble.Link == TreeLink.LogOdds ? counts[1..] : counts;
        return Array.ConvertAll(classes, count => Math.Log(count / (ensemble.Link == TreeLink.Softmax ? training.RowCount : training.RowCount - count)));
    }

    private static Sums Sum(FactorTraining training, TreeEnsemble ensemble, double[] start)
    {
        var (g, h, counts) = (Zeros(), Zeros(), Zeros());
        var hidden = torch.tensor(start);
        foreach (var batch in training.Batches)
        {
            var leaves = batch.Leaves!;
            var (ofBatch, curvatures) = Derivatives(ensemble, leaves, IsOfClass(ensemble, batch.Labels), hidden);
            g.IndexAddInPlace(0, leaves.flatten(), ofBatch.flatten());
            h.IndexAddInPlace(0, leaves.flatten(), curvatures.flatten());
            counts.IndexAddInPlace(0, leaves.flatten(), torch.ones_like(ofBatch).flatten());
        }
        return new(ensemble, g, h, counts, start);

        torch.Tensor Zeros() => torch.zeros([ensemble.LeafCount], torch.float64);
    }

    private sealed class Sums(TreeEnsemble ensemble, torch.Tensor g, torch.Tensor h, torch.Tensor counts, double[] start)
    {
        private readonly torch.Tensor _values = torch.tensor(ensemble.LeafValues, torch.float64);
        private readonly int[] _tree = ensemble.TreeOfLeaf;
        private readonly int[] _rounds = ensemble.Rounds;

        public torch.Tensor H => h;

        public torch.Tensor Counts => counts;

        public double[] Start => start;

        public torch.Tensor Steps => g.neg() / h.Add(Damping);

        /// <summary>η: least squares of value × (H + λ) = −ηG over the leaves, of the trees after the first of each score if there are any.</summary>
        public double LearningRate
        {
            get
            {
                var isLater = Array.Exists(_rounds, round => round > 0) ? OfLeaves(tree => _rounds[tree] > 0 ? 1 : 0) : torch.ones_like(g);
                return -((_values * h.Add(Damping) * g * isLater).sum() / (g.Square() * isLater).sum()).item<double>();
            }
        }

        /// <summary>How badly the values of the first trees' leaves follow from their sums.</summary>
        public double FirstTreesError => (((_values - OfLeaves(tree => start[ensemble.Scores[tree]])) * h.Add(Damping)).Add(g.Mul(LearningRate)).Square()
            * OfLeaves(tree => _rounds[tree] == 0 ? 1 : 0)).sum().item<double>();

        private torch.Tensor OfLeaves(Func<int, double> ofTree) => torch.tensor(Array.ConvertAll(_tree, tree => ofTree(tree)));
    }
}
