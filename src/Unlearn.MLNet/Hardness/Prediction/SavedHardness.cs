using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Unlearn.Transforms.Interop;
using Unlearn.Transforms.Pipeline.Persistence;

namespace Unlearn.MLNet.Hardness.Prediction;

/// <summary>What of a hardness model is saved: a manifest in JSON, and its models as ML.NET saves them.</summary>
internal static class SavedHardness
{
    private const string ManifestEntry = "manifest.json";
    private const string ClassifierEntry = "hard.zip";

    private sealed record Manifest(
        string FactorColumn, string[] Factors, Method[] Methods, string Exact, double ExactSeconds, double Tolerance, double Confidence);

    private sealed record Method(string Name, double Seconds, double SmallestSpread, double[] Edges, double[] Quantiles);

    public static IReadOnlyList<(string Name, byte[] Content)> Entries(FittedHardness fitted)
    {
        var methods = fitted.Methods.Select(method =>
            new Method(method.Name, method.Seconds, method.Model.SmallestSpread, method.Model.Bound.Edges, method.Model.Bound.Quantiles));
        var manifest = new Manifest(
            fitted.FactorColumnName, [.. fitted.FactorNames], [.. methods], fitted.Exact.Name, fitted.Exact.Seconds, fitted.Tolerance, fitted.Confidence);
        return
        [
            (ManifestEntry, JsonSerializer.SerializeToUtf8Bytes(manifest)),
            (ClassifierEntry, Save(fitted.Classifier)),
            .. fitted.Methods.SelectMany((method, i) => new[] { (LevelEntry(i), Save(method.Model.Level)), (SpreadEntry(i), Save(method.Model.Spread)) }),
        ];
    }

    /// <exception cref="FormatException">The entries are damaged.</exception>
    public static FittedHardness Load(IHostEnvironment environment, IReadOnlyDictionary<string, byte[]> entries)
    {
        var what = FittedHardness.Kind.What;
        var manifest = SavedEntries.ReadJson<Manifest>(entries, ManifestEntry, what);
        foreach (var method in manifest.Methods)
            if (method.Quantiles.Length != method.Edges.Length + 1 || !method.Edges.SequenceEqual(method.Edges.Order()) || !(method.SmallestSpread > 0))
                throw FittedHardness.Kind.Damaged($"the bound of method '{method.Name}' makes no sense");
        return new()
        {
            FactorColumnName = manifest.FactorColumn,
            FactorNames = manifest.Factors,
            Classifier = LoadModel(ClassifierEntry, "Probability"),
            Methods = [.. manifest.Methods.Select((method, i) => (method.Name, method.Seconds, LoadMethod(method, i)))],
            Exact = (manifest.Exact, manifest.ExactSeconds),
            Tolerance = manifest.Tolerance,
            Confidence = manifest.Confidence,
        };

        MethodModel LoadMethod(Method method, int i) =>
            new(LoadModel(LevelEntry(i), "Score"), LoadModel(SpreadEntry(i), "Score"), method.SmallestSpread, new(method.Edges, method.Quantiles));

        FactorPredictor LoadModel(string entry, string output)
        {
            using var file = new MemoryStream(SavedEntries.Find(entries, entry, what));
            var model = MLNetInternals.LoadModel(environment, file, out var schema);
            return schema?.GetColumnOrNull("Features")?.Type is VectorDataViewType vector && vector.Size == manifest.Factors.Length
                && model.GetOutputSchema(schema).GetColumnOrNull(output)?.Type == NumberDataViewType.Single
                ? new(model, schema, output)
                : throw FittedHardness.Kind.Damaged($"entry '{entry}' is no model of {manifest.Factors.Length} factors");
        }
    }

    private static byte[] Save(FactorPredictor predictor)
    {
        using var file = new MemoryStream();
        new MLContext().Model.Save(predictor.Model, predictor.InputSchema, file);
        return file.ToArray();
    }

    private static string LevelEntry(int method) => Invariant($"level.{method}.zip");

    private static string SpreadEntry(int method) => Invariant($"spread.{method}.zip");
}
