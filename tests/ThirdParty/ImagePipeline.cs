using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;

namespace ThirdParty;

/// <summary>Image files through ML.NET's own transforms to factors: LoadImages, ResizeImages, ExtractPixels, UnlearnFactors.</summary>
internal static class ImagePipeline
{
    private const int Side = 8;
    private const int Count = 12;

    /// <summary>Draws dark and bright images, trains a network on them, and gives the factors of each.</summary>
    public static IReadOnlyList<float[]> Factors()
    {
        var folder = Directory.CreateTempSubdirectory("third-party-images-");
        try
        {
            var mlContext = new MLContext(seed: 1);
            var files = Enumerable.Range(0, Count).Select(i => new ImageFile { RowId = $"{i}", File = Draw(folder.FullName, i), Label = i % 2 == 0 }).ToList();
            var data = mlContext.Data.LoadFromEnumerable(files);
            var pixels = mlContext.Transforms.LoadImages("Image", folder.FullName, "File")
                .Append(mlContext.Transforms.ResizeImages("Image", Side, Side))
                .Append(mlContext.Transforms.ExtractPixels("Features", "Image", scaleImage: 1f / 255));
            using var rows = TrainingRows.FromDataView(pixels.Fit(data).Transform(data));
            using var target = new TorchRecipe(TorchArchitecture.SmallCnn(3, Side, Side, rows.ClassCount)) { Epochs = 2, Device = TorchDevice.Cpu }.Train(
                rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 1);
            var model = pixels.Append(mlContext.Transforms.UnlearnFactors("UnlearnFactors", target)).Fit(data);
            return [.. model.Transform(data).GetColumn<float[]>("UnlearnFactors")];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Draw(string folder, int number)
    {
        const int side = 2 * Side;
        var pixels = new byte[side * side * 4];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(i % 4 == 3 ? 255 : number % 2 * 120 + number * 5 + i % 7);
        using var image = MLImage.CreateFromPixels(side, side, MLPixelFormat.Rgba32, pixels);
        image.Save(Path.Combine(folder, $"{number}.png"));
        return $"{number}.png";
    }

    private sealed class ImageFile
    {
        public string RowId { get; set; } = "";

        public string File { get; set; } = "";

        public bool Label { get; set; }
    }
}
