using TorchSharp;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Targets;
using Unlearn.Transforms.Tests.Targets;

namespace Unlearn.Transforms.Tests.Factors;

/// <summary>The slow, plain way: refits the leaf values of an ensemble of fixed structure from the rows, with one of them left out.</summary>
internal sealed class LeafRefit
{
    private readonly TreeEnsembleTarget _target;
    private readonly long[,] _leaves;
    private readonly double[] _y;

    public LeafRefit(TreeEnsembleTarget target, List<TinyTrees.Row> rows)
    {
        using var scope = torch.NewDisposeScope();
        _target = target;
        _y = [.. rows.Select(row => row.Label ? 1.0 : 0)];
        _leaves = new long[rows.Count, target.TreeCount];
        var leaves = target.Leaves(torch.tensor(rows.SelectMany(row => row.Features).ToArray(), [rows.Count, target.FeatureCount])).data<long>().ToArray();
        for (var i = 0; i < leaves.Length; i++)
            _leaves[i / target.TreeCount, i % target.TreeCount] = leaves[i];

        var prior = Math.Log(_y.Sum() / (_y.Length - _y.Sum()));
        var starts = target.Ensemble.IsBoosted ? new[] { 0, prior } : [0];
        (Start, Rate) = starts.Select(start => (Start: start, Fit: FitRate(start))).OrderBy(candidate => candidate.Fit.FirstTreeError).Select(candidate => (candidate.Start, candidate.Fit.Rate)).First();
    }

    public double Start { get; }

    public double Rate { get; }

    /// <summary>Fall of the row's own log-odds, where the other rows keep their gradients.</summary>
    public double WithoutConsequences(int row) => Enumerable.Range(0, _target.TreeCount).Sum(tree =>
        Rate * (Step(tree, _leaves[row, tree], Scores(tree), -1) - Step(tree, _leaves[row, tree], Scores(tree), row))) * (_y[row] * 2 - 1);

    /// <summary>Fall of the row's own log-odds, where each tree is refitted to the gradients that the refitted trees before it leave.</summary>
    public double WithConsequences(int row) => (Refit(row, -1) - Refit(row, row)) * (_y[row] * 2 - 1);

    // Log-odds of a row after all leaf values were refitted without another.
    private double Refit(int row, int without)
    {
        double[] scores = [.. Enumerable.Repeat(_target.Ensemble.Starts[0] + Start, _y.Length)];
        for (var tree = 0; tree < _target.TreeCount; tree++)
        {
            var before = (double[])scores.Clone();
            for (var other = 0; other < scores.Length; other++)
                scores[other] += Rate * Step(tree, _leaves[other, tree], before, without);
        }
        return scores[row];
    }

    // The model's own log-odds before a tree.
    private double[] Scores(int tree) =>
        [.. Enumerable.Range(0, _y.Length).Select(row => _target.Ensemble.Starts[0] + (tree == 0 ? Start : 0) + Enumerable.Range(0, tree).Sum(before => (double)_target.Ensemble.LeafValues[_leaves[row, before]]))];

    private double Step(int tree, long leaf, double[] scores, int without)
    {
        var (g, h, count) = Sums(tree, leaf, scores, without);
        return count == 0 ? 0 : -g / (h + LeafSums.Damping);
    }

    private (double G, double H, int Count) Sums(int tree, long leaf, double[] scores, int without)
    {
        var (g, h, count) = (0.0, 0.0, 0);
        for (var row = 0; row < _y.Length; row++)
        {
            if (row == without || _leaves[row, tree] != leaf)
                continue;
            var p = 1 / (1 + Math.Exp(-scores[row]));
            g += _target.Ensemble.IsBoosted ? p - _y[row] : 1 - 2 * _y[row];
            h += _target.Ensemble.IsBoosted ? p * (1 - p) : 1;
            count++;
        }
        return (g, h, count);
    }

    private (double Rate, double FirstTreeError) FitRate(double start)
    {
        var leaves = new List<(int Tree, double Value, double G, double H)>();
        for (var tree = 0; tree < _target.TreeCount; tree++)
        {
            var scores = Scores(tree);
            if (tree == 0)
                scores = [.. scores.Select(score => score + start)];
            foreach (var leaf in Enumerable.Range(0, _y.Length).Select(row => _leaves[row, tree]).Distinct())
            {
                var (g, h, _) = Sums(tree, leaf, scores, -1);
                leaves.Add((tree, _target.Ensemble.LeafValues[leaf], g, h + LeafSums.Damping));
            }
        }
        var later = leaves.Where(leaf => leaf.Tree > 0).ToList();
        var rate = -later.Sum(leaf => leaf.Value * leaf.H * leaf.G) / later.Sum(leaf => leaf.G * leaf.G);
        return (rate, leaves.Where(leaf => leaf.Tree == 0).Sum(leaf => Math.Pow((leaf.Value - start) * leaf.H + leaf.G * rate, 2)));
    }
}
