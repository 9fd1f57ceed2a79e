using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;

namespace Unlearn.TestPrograms.Devices;

/// <summary>How often the CPU waits for the lazy device: each time that it asks for a result, by a copy or for one number.</summary>
internal static class DeviceCounts
{
    private const int Epochs = 2;

    /// <summary>
    /// Prints the waits of an epoch of a training with one batch and with three, and of a batch of factors: where most batches have 15 rows, and
    /// where they have 8.
    /// </summary>
    public static void Run(string name)
    {
        LazyDevice.Start();
        var example = DeviceCase.Find(name);
        var rows = example.Rows.Count;
        var recipe = example.Recipe with { Device = LazyDevice.Instance, Epochs = Epochs };
        Print("training", Train(rows) / Epochs, Train(rows / 3) / Epochs);
        using var target = recipe.Train(example.Rows, example.Positions, seed: 7);
        LazyDevice.Synchronize();
        var factors = example.Factors.Where(factor => factor.Tier < FactorTier.T3 && !factor.NeedsGradientTrace).ToList();
        foreach (var factor in factors)
            PrintFactors(factor.Name, [factor]);
        PrintFactors("all but DeepFoolDistance", [.. factors.Where(factor => factor != HardnessFactors.DeepFoolDistance)]);

        double Train(int batchSize) => Waits(() =>
        {
            using var trained = (recipe with { BatchSize = batchSize }).Train(example.Rows, example.Positions, seed: 7);
            LazyDevice.Synchronize();
        });

        // Batches grow up to their size: 1, 8 and 15 rows, or 1, 8, 8 and 7.
        void PrintFactors(string what, IReadOnlyList<IHardnessFactor> asked) => Print(what, Transform(asked, 24) / 3, Transform(asked, 8) / 4);

        double Transform(IReadOnlyList<IHardnessFactor> asked, int batchSize)
        {
            using var model = example.Context.Transforms.UnlearnFactors(new()
            {
                Target = target, Factors = asked, RowIdColumnName = "RowId", BatchSize = batchSize, Seed = 11,
            }).Fit(example.View);
            Read(); // modules are checked once
            return Waits(Read);

            void Read() => _ = model.Transform(example.View).GetColumn<float[]>("UnlearnFactors").Last();
        }
    }

    private static void Print(string what, double few, double many) => Console.WriteLine(Invariant($"{what}\t{few:0.##}\t{many:0.##}"));

    private static double Waits(Action work)
    {
        var before = LazyDevice.Waits();
        work();
        return LazyDevice.Waits() - before;
    }
}
