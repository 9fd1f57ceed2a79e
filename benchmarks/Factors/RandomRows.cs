using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Factors;

/// <summary>Rows of random features, made while they are read.</summary>
internal static class RandomRows
{
    private sealed class Row
    {
        public long RowId { get; set; }

        public float[] Features { get; set; } = [];

        // ML.NET counts keys of objects from 0.
        public uint Label { get; set; }
    }

    /// <param name="mlContext">The ML context.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="features">Number of features.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="tokens">Above 0: features are numbers of that many tokens.</param>
    public static IDataView View(MLContext mlContext, int rows, int features, int classes, int seed, int tokens = 0)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        schema[nameof(Row.Label)].ColumnType = new KeyDataViewType(typeof(uint), classes);
        return mlContext.Data.LoadFromEnumerable(Rows(), schema);

        IEnumerable<Row> Rows()
        {
            var random = new SeededRandom(seed);
            for (var row = 0; row < rows; row++)
            {
                var values = new float[features];
                for (var i = 0; i < features; i++)
                    values[i] = tokens > 0 ? random.Next(tokens) : (float)(random.NextDouble() * 2 - 1);
                yield return new() { RowId = row, Features = values, Label = (uint)(row % classes) };
            }
        }
    }
}
