namespace Unlearn.Transforms.References;

/// <summary>
/// Which rows each reference model is trained on, and its seed. Every row is in the same number of models, and the models have the same number of rows,
/// give or take one block's. All draws derive from purposes of their own, so that no model of a trial shares a seed or a subset with them.
/// </summary>
internal sealed class ReferenceDesign
{
    private const string Purpose = "reference-models/";

    /// <exception cref="ArgumentException">A row would be in or out of fewer than 2 models.</exception>
    public ReferenceDesign(int rows, int models, double share, long seed)
    {
        if (!(share > 0 && share < 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "Must lie between 0 and 1, both excluded");
        var modelsOfRow = (int)Math.Round(share * models, MidpointRounding.AwayFromZero);
        if (modelsOfRow < ReferenceModels.FewestModels || models - modelsOfRow < ReferenceModels.FewestModels)
            throw new ArgumentException(Invariant(
                $"With {models} models and a share of {share} every row would be in {modelsOfRow} of them and out of {models - modelsOfRow}, ")
                + Invariant($"but needs {ReferenceModels.FewestModels} of each: ")
                + Invariant($"ask for {Math.Ceiling(ReferenceModels.FewestModels / Math.Min((decimal)share, 1 - (decimal)share))} models."));
        Seeds = [.. Enumerable.Range(0, models).Select(model => Seed.Derive(seed, Purpose + "training", model))];
        Members = [.. Enumerable.Range(0, models).Select(_ => new bool[rows])];

        var order = Shuffled(rows, Seed.Derive(seed, Purpose + "rows"));
        for (var start = 0; start < rows; start += models)
        {
            var turn = Shuffled(models, Seed.Derive(seed, Purpose + "block", start));
            for (var i = 0; i < Math.Min(models, rows - start); i++)
                for (var j = 0; j < modelsOfRow; j++)
                    Members[turn[(i + j) % models]][order[start + i]] = true;
        }
    }

    /// <summary>For each model, whether each row is in it.</summary>
    public bool[][] Members { get; }

    /// <summary>For each model, its seed.</summary>
    public long[] Seeds { get; }

    /// <summary>Positions of the rows that a model is trained on.</summary>
    public ReadOnlyMemory<int> RowsOf(int model) => Enumerable.Range(0, Members[model].Length).Where(row => Members[model][row]).ToArray();

    private static int[] Shuffled(int count, long seed)
    {
        int[] numbers = [.. Enumerable.Range(0, count)];
        new SeededRandom(seed).Shuffle<int>(numbers);
        return numbers;
    }
}
