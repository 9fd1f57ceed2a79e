using TorchSharp;
using Unlearn.Transforms.Targets;
using Unlearn.Transforms.Targets.Trees;

namespace Unlearn.Transforms.Factors;

/// <summary>
/// What the value of each leaf comes from: ηθ with θ = −G / (H + λ), G and H the sums of g and h over the training rows in the leaf. Boosting takes for g and h the derivatives of the logistic
/// loss by the log-odds before the tree, g = p − y and h = p(1 − p); a forest takes means of ±1, g = ∓1 and h = 1.
/// </summary>
internal sealed class LeafSums : IFactorStatistic
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
        var prior = PriorLogOdds(training);
        // LightGBM begins at the log-odds of the classes, and hides them in the leaves of its first tree.
        var candidates = (ensemble.IsBoosted && double.IsFinite(prior) ? new[] { 0, prior } : [0]).Select(start => Sum(training, ensemble, start)).ToList();
        var sums = candidates.MinBy(sums => sums.FirstTreeError(ensemble))!;
        var rate = sums.LearningRate(ensemble);
        if (!(rate > 0))
            throw new InvalidOperationException("The leaf values of the trees do not follow from the labels of these rows, so that nothing can be said of what they would be without one: fit LeafInfluence on the rows that the trees were trained on, with the labels they had then.");
        return new Dictionary<string, torch.Tensor>
        {
            [Steps] = sums.Steps.to(torch.float32),
            [Curvatures] = sums.H.to(torch.float32),
            [Counts] = sums.Counts.to(torch.float32),
            [Rate] = torch.tensor(new[] { (float)rate }),
            [Start] = torch.tensor(new[] { (float)sums.Start }),
            [Keys] = torch.cat([.. training.Batches.Select(batch => batch.RowKeys.alias().MoveToOuterDisposeScope())]).sort().Values,
        };
    }

    /// <summary>
    /// How far the log-odds of each row's own label fall when the leaves that it falls into are refitted without it. A row that is none of the training rows is added first.
    /// </summary>
    public torch.Tensor SelfInfluences(FactorBatch batch)
    {
        var state = batch.State(this);
        var leaves = batch.Leaves!;
        var (g, h) = Derivatives(((TreeEnsembleTarget)batch.Target).Ensemble, leaves, batch.Labels, state[Start].item<float>());
        var (steps, curvatures, counts) = (AtLeaves(Steps), AtLeaves(Curvatures), AtLeaves(Counts));
        var keys = state[Keys];
        var isTraining = keys.index_select(0, torch.searchsorted(keys, batch.RowKeys).clamp_max(keys.shape[0] - 1)).eq(batch.RowKeys).unsqueeze(1);
        var others = curvatures + h.neg().where(isTraining, h) + Damping;
        // A leaf without any row has the value 0.
        var drops = steps.where(isTraining.logical_and(counts.le(1)), (g + steps * h).neg() / others);
        return drops.sum(1) * state[Rate] * (batch.Labels * 2 - 1);

        torch.Tensor AtLeaves(string entry) => state[entry].to(torch.float64).index_select(0, leaves.flatten()).view_as(leaves);
    }

    /// <summary>g and h of each row in each tree: rows × trees.</summary>
    /// <param name="ensemble">The trees.</param>
    /// <param name="leaves">Leaves of the rows.</param>
    /// <param name="labels">Labels of the rows.</param>
    /// <param name="start">What is hidden in the leaves of the first tree.</param>
    private static (torch.Tensor G, torch.Tensor H) Derivatives(TreeEnsemble ensemble, torch.Tensor leaves, torch.Tensor labels, double start)
    {
        var y = labels.to(torch.float64).unsqueeze(1);
        if (!ensemble.IsBoosted)
            return ((1 - y * 2).expand(leaves.shape), torch.ones(leaves.shape, torch.float64));
        var values = ensemble.Values(leaves);
        var before = values.cumsum(1) - values + ensemble.Start;
        before.narrow(1, 0, 1).add_(start);
        var p = before.sigmoid();
        return (p - y, p * (1 - p));
    }

    private static double PriorLogOdds(FactorTraining training)
    {
        var positives = training.Batches.Sum(batch => batch.Labels.sum().item<long>());
        return Math.Log((double)positives / (training.RowCount - positives));
    }

    private static Sums Sum(FactorTraining training, TreeEnsemble ensemble, double start)
    {
        var (g, h, counts) = (Zeros(), Zeros(), Zeros());
        foreach (var batch in training.Batches)
        {
            var leaves = batch.Leaves!;
            var (ofBatch, curvatures) = Derivatives(ensemble, leaves, batch.Labels, start);
            g.index_add_(0, leaves.flatten(), ofBatch.flatten(), 1);
            h.index_add_(0, leaves.flatten(), curvatures.flatten(), 1);
            counts.index_add_(0, leaves.flatten(), torch.ones_like(ofBatch).flatten(), 1);
        }
        return new(g, h, counts, start);

        torch.Tensor Zeros() => torch.zeros([ensemble.LeafCount], torch.float64);
    }

    private sealed record Sums(torch.Tensor G, torch.Tensor H, torch.Tensor Counts, double Start)
    {
        public torch.Tensor Steps => G.neg() / (H + Damping);

        /// <summary>η: least squares of value × (H + λ) = −ηG over the leaves, of the trees after the first if there are any.</summary>
        public double LearningRate(TreeEnsemble ensemble)
        {
            var first = ensemble.TreeCount > 1 ? ensemble.FirstTreeLeafCount : 0;
            var (g, h) = (G.narrow(0, first, ensemble.LeafCount - first), H.narrow(0, first, ensemble.LeafCount - first));
            var values = torch.tensor(ensemble.LeafValues, torch.float64).narrow(0, first, ensemble.LeafCount - first);
            return -((values * (h + Damping) * g).sum() / g.square().sum()).item<double>();
        }

        /// <summary>How badly the values of the first tree's leaves follow from its sums.</summary>
        public double FirstTreeError(TreeEnsemble ensemble)
        {
            var count = ensemble.FirstTreeLeafCount;
            var values = torch.tensor(ensemble.LeafValues, torch.float64).narrow(0, 0, count) - Start;
            return (values * (H.narrow(0, 0, count) + Damping) + G.narrow(0, 0, count) * LearningRate(ensemble)).square().sum().item<double>();
        }
    }
}
