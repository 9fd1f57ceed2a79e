using Microsoft.ML;
using Unlearn.Transforms.MLNetModels.Trees;

namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>Predictions of trees for rows with shuffled factors. A row goes anew through trees that look at a shuffled factor, and through no others.</summary>
internal sealed class ShuffledTrees
{
    private readonly TreeEnsemble _trees;
    private readonly float[][] _rows;
    private readonly float[][] _leaves;

    private ShuffledTrees(TreeEnsemble trees, float[][] rows)
    {
        (_trees, _rows) = (trees, rows);
        _leaves = [.. Enumerable.Range(0, trees.TreeCount).Select(tree => Array.ConvertAll(rows, row => trees.LeafValue(tree, row)))];
    }

    /// <summary>Prepares rows, or tells by <see langword="null"/> that the model is none of trees alone.</summary>
    /// <param name="model">A hardness model.</param>
    /// <param name="rows">The features of each row.</param>
    public static ShuffledTrees? Of(ITransformer model, float[][] rows) =>
        TreeModelReader.TryRead(model) is { } target && target.FeatureCount == rows[0].Length && target.Ensemble.Link == TreeLink.LogOdds
            ? new(target.Ensemble, rows)
            : null;

    /// <summary>Probabilities of all rows, of which some factors are those of other rows.</summary>
    /// <param name="columns">Places of these factors.</param>
    /// <param name="sources">For each repetition and row, the row to take the factors from, by its place among the rows.</param>
    /// <returns>One array a repetition.</returns>
    public float[][] Predict(int[] columns, IReadOnlyList<int[]> sources)
    {
        var again = new List<int>();
        var scores = new double[_rows.Length];
        Array.Fill(scores, _trees.Starts[0]);
        for (var tree = 0; tree < _leaves.Length; tree++)
            if (_trees.LooksAtAny(tree, columns))
                again.Add(tree);
            else
                for (var row = 0; row < scores.Length; row++)
                    scores[row] += _leaves[tree][row];
        var features = new float[_rows[0].Length];
        return [.. sources.Select(source => scores.Select((score, row) => Predict(score, row, source[row])).ToArray())];

        float Predict(double score, int row, int source)
        {
            _rows[row].CopyTo(features, 0);
            foreach (var column in columns)
                features[column] = _rows[source][column];
            foreach (var tree in again)
                score += _trees.LeafValue(tree, features);
            return (float)(1 / (1 + Math.Exp(-score)));
        }
    }
}
