namespace Unlearn.Examples.FashionMnist;

/// <summary>One image of Fashion-MNIST.</summary>
/// <param name="Row">Its position in the file: its row id.</param>
/// <param name="Gray">28 × 28 gray values.</param>
/// <param name="Label">Class, from 0.</param>
internal sealed record Image(int Row, byte[] Gray, byte Label)
{
    public const int Side = 28;
    public const int Pixels = Side * Side;

    public static readonly string[] ClassNames = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];
}
